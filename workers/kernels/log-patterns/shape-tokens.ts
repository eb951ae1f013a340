import { VALUE } from './skeleton.ts';

/** A variable part in a template, as log template miners write it. */
export const WILDCARD = '<*>';

/** A variable part that is not always a value by its looks: words stood there too. */
export const ANY = '<any>';

/** A unit of measure that varies: its number and it are one value. */
export const ANY_UNIT = '<unit>';

const V = '\u0002';
const UNIT = '\u0003';

/** Names that end so are files, not hosts. */
const FILE_ENDINGS =
  'java|scala|kt|py|rb|js|ts|go|cs|cc|cpp|hpp|rs|php|pl|sh|so|md|log|txt|xml|json|yml|yaml|conf|cfg|properties|html|css|jar|zip|gz|dll|exe|plist';

/** Of names with more than two dots. */
const COUNTRIES =
  'us|uk|de|fr|cn|hk|jp|kr|tw|in|eu|ru|br|ca|au|nz|nl|ch|it|es|pt|se|no|fi|dk|pl|at|be|cz|ie|il|sg|za|mx';

interface Mask {
  readonly pattern: RegExp;
  readonly becomes: string;
}

const mask = (source: string, becomes: string = V): Mask => ({
  pattern: new RegExp(source.replaceAll('¤', VALUE).replaceAll('§', V), 'g'),
  becomes,
});

/**
 * In this order over the skeleton; `¤` is a value of the skeleton, `§` what a mask has made a variable. Every repetition starts
 * behind a character that it may not hold, so that no mask goes over the same text from many starts.
 */
const MASKS: readonly Mask[] = [
  // URL
  mask('(?<![\\w¤+.-])[A-Za-z][\\w+.-]*://[^\\s"\'<>()\\[\\]{},;]+'),
  // Email
  mask('(?<![\\w¤.+-])[\\w¤.+-]+@[\\w¤-]+(?:\\.[\\w¤-]+)+'),
  // Date and time, date, time
  mask('(?<![\\w¤/.:-])¤([-/])¤\\1¤[ T]¤:¤(?::¤)?(?:[.,]¤)?(?:Z|[+-]¤(?::¤)?)?(?![\\w¤])'),
  mask('(?<![\\w¤/.:-])¤-¤-¤(?![\\w¤-])'),
  mask('(?<![\\w¤/.:-])¤:¤(?::¤)?(?:[.,]¤)?(?![\\w¤:])'),
  // UUID; a group without a digit is still literal
  mask('(?<![\\w¤-])(?:¤|[a-fA-F]\\w{7})(?:-(?:¤|[a-fA-F]\\w{3})){3}-(?:¤|[a-fA-F]\\w{11})(?![\\w¤-])'),
  // IPv4, with the slash of Java's addresses, port or prefix length
  mask('(?:(?<![\\w¤§.])/)?(?<![\\w¤.-])¤\\.¤\\.¤\\.¤(?::¤(?![\\w¤]))?(?:/¤)?(?![\\w¤])'),
  // IPv6 and hardware addresses
  mask('(?<![\\w¤:.])(?:¤|[0-9a-fA-F]{1,4})?(?::(?:¤|[0-9a-fA-F]{0,4})){4,7}(?![\\w¤:])'),
  // Host with port; host that ends in a domain
  mask(`(?<![\\w¤.-])[\\w¤-]+(?:\\.[\\w¤-]+)*\\.(?!(?:${FILE_ENDINGS})\\b)[A-Za-z]{2,}:¤(?![\\w¤])`),
  mask(
    '(?<![\\w¤.@-])[\\w¤-]+(?:\\.[\\w¤-]+)*\\.(?:com|net|org|edu|gov|mil|info|local|localdomain|internal)(?![\\w¤.(-])',
  ),
  mask(`(?<![\\w¤.@-])[\\w¤-]+(?:\\.[\\w¤-]+){2,}\\.(?:${COUNTRIES})(?![\\w¤.(-])`),
  // Path, with the protocol that ends a request line
  mask('(?<![\\w¤§.)\\]/*<>-])(?:[A-Za-z]:[\\\\/]|~?/)[\\w¤§.@%+~#$&?=/\\\\-]*[\\w¤§/](?: HTTP/¤\\.¤)?'),
  // Identifier that ends in a negative number
  mask('(?<![\\w¤])\\w*_-¤(?![\\w¤])'),
  // Number
  mask('(?:(?<![\\w¤§)\\]])[-+])?(?<![\\w§])¤(?:\\.¤)*%?'),
  mask(VALUE),
  mask('(?<![\\w.§-])(?:true|false|True|False|TRUE|FALSE)(?![\\w.§-])'),
  mask('(?<==)(?:null|nil|None)(?![\\w§])'),
  // Less than so long; so many bytes in two units
  mask('(?<![\\w§<])<§ ?(?:[nmu]?s|secs?|seconds?|min|minutes?)\\b'),
  mask('§ bytes \\(§ [kKMGT]i?B\\)', `${V} ${UNIT}`),
];

const VARIABLE = new RegExp(`${V}+`, 'g');

/**
 * The words of a skeleton with values masked; at most `mostTokens`, then the rest is one variable. Numbers, hexadecimal, UUIDs,
 * addresses, hosts, paths, URLs, emails, times and booleans become `<*>`. Neighbours that are the same list item become one.
 */
export function shapeTokens(skeleton: string, mostTokens: number): string[] {
  let masked = skeleton;
  for (const { pattern, becomes } of MASKS) masked = masked.replace(pattern, becomes);
  const tokens = masked.split(' ');
  if (tokens.length > mostTokens) tokens.splice(mostTokens - 1, Infinity, V);
  return tokens.map((token) => (token === UNIT ? ANY_UNIT : token.replace(VARIABLE, WILDCARD)));
}
