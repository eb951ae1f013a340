import { fingerprintText } from './fingerprint-text.ts';

export type StackLanguage = 'java' | 'python' | 'javascript' | 'go' | 'dotnet';

export interface StackFingerprint {
  /** The same for the same error at the same place, whatever line numbers, addresses and messages. */
  readonly id: string;
  readonly language: StackLanguage;
  /** Class of the error, outermost first with its causes; empty where the language prints none. */
  readonly errors: readonly string[];
  /** Functions, innermost first as far as the text is so, without what a compiler numbers. */
  readonly frames: readonly string[];
}

interface FrameRule {
  readonly language: StackLanguage;
  /** Its first group is the function, its second (if any) the file. Each is tried on one line and takes linear time. */
  readonly frame: RegExp;
  readonly error: RegExp;
}

const ERROR_LINE =
  /^(?:Caused by: |Uncaught |Unhandled exception\. | ?---> |Exception in thread "[^"]*" )?((?:[\w$]+\.)*[A-Z][\w$]*)(?::|$)/;

/** In this order: a line of .NET also looks like one of Java or JavaScript. */
const RULES: readonly FrameRule[] = [
  {
    language: 'java',
    frame:
      /^\s*at (?:[\w.@-]*\/)*(?![\w.@-]*\/)([\w$.<>/-]+)\((?:[\w$-]+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source|<generated>)\)/,
    error: ERROR_LINE,
  },
  {
    language: 'python',
    frame: /^\s*File "([^"]+)", line \d+, in (.+)$/,
    error:
      /^((?:\w+\.)*[A-Za-z_]\w*(?:Error|Exception|Warning|Interrupt|Exit|Iteration|Group|Timeout))(?::|$)/,
  },
  {
    language: 'javascript',
    frame:
      /^\s*at (?:(?:async |new )*(?!async |new )([^\s()][^()]*?) )?\(?((?:file:|node:|https?:|webpack[\w-]*:|[A-Za-z]:[\\/]|\/|\.|<anonymous>)[^()\s]*?)(?::\d+){1,2}\)?$/,
    error: ERROR_LINE,
  },
  { language: 'dotnet', frame: /^\s*at ([\w.`<>+|[\],$]+\([^)]*\))(?: in .*:line \d+)?$/, error: ERROR_LINE },
  {
    language: 'go',
    frame:
      /^(?:created by )?([\w./*()%~-]+(?:\[\.\.\.\][\w.()*]*?)?)(?:\((?:0x|\.\.\.|\{|\)|[\d, ]).*|\(\)|(?: in goroutine \d+))$/,
    error: /^(?:panic|fatal error): (.*)$/,
  },
];

const MOST_LINES = 500;
const LONGEST_LINE = 2_000;
const MOST_FRAMES = 64;

/**
 * Fingerprint of the stack trace in a text; undefined if it has none. Java, Kotlin and Scala, Python, JavaScript, Go, .NET. O(characters
 * read): of 500 lines the first 2,000 UTF-16 units each; 64 frames and errors are kept. Hashes the classes of the errors and the functions (with the file's name where functions have no module), so that another
 * line number, address, goroutine, lambda number, message or folder of installation changes nothing. A frame that follows itself
 * counts once, so that the depth of a recursion does not matter. Buckets of crashes by their frames: Glerum et al. (SOSP 2009); how
 * lines of the languages look is from what their runtimes print.
 */
export function fingerprintStack(text: string): StackFingerprint | undefined {
  const lines = text
    .slice(0, MOST_LINES * LONGEST_LINE)
    .split(/\r?\n/, MOST_LINES)
    .map((line) => line.slice(0, LONGEST_LINE));
  let best: { readonly rule: FrameRule; readonly frames: readonly string[] } | undefined;
  for (const rule of RULES) {
    if (
      rule.language === 'go' &&
      !lines.some((line) => /^(?:panic:|fatal error:|goroutine \d+ )/.test(line))
    ) {
      continue;
    }
    const frames = framesOf(lines, rule);
    if (frames.length > (best?.frames.length ?? 0)) best = { rule, frames };
  }
  if (best === undefined) return undefined;
  const { rule, frames } = best;
  const errors = errorsOf(lines, rule);
  const id = fingerprintText([rule.language, ...errors, '', ...frames].join('\n'));
  return { id, language: rule.language, errors, frames };
}

function framesOf(lines: readonly string[], { language, frame }: FrameRule): string[] {
  const frames: string[] = [];
  for (const line of lines) {
    const match = frame.exec(line);
    if (match === null) continue;
    const name = frameName(language, match[1] ?? '', match[2] ?? '');
    if (frames.at(-1) !== name) frames.push(name);
    if (frames.length === MOST_FRAMES) break;
  }
  return frames;
}

function frameName(language: StackLanguage, first: string, second: string): string {
  if (language === 'python') return `${fileName(first)}:${second.trim()}`;
  if (language === 'javascript') {
    return `${fileName(second)}:${withoutNumbers(first === '' ? '<anonymous>' : first)}`;
  }
  return withoutNumbers(first);
}

/** The last part, without the hash that bundlers put in. */
function fileName(path: string): string {
  const name =
    path
      .replace(/[?#].*$/, '')
      .split(/[\\/]/)
      .at(-1) ?? path;
  return name.replace(/[.-][\da-f]{8,}(?=\.)/gi, '');
}

/** Without what compilers and runtimes number: lambdas, inner classes, proxies, closures, state machines. */
function withoutNumbers(name: string): string {
  return name
    .replace(/0x[\da-f]+/gi, '#')
    .replace(/\$\$Lambda[$/\w]*(?:\/#)?/g, '$$Lambda')
    .replace(/(lambda\$[\w]*?)\$\d+/g, '$1')
    .replace(/\$\$(?:EnhancerBy|FastClassBy|SpringCGLIB)\w*\$\$\w*/g, '$$Proxy')
    .replace(/([$_`.])\d+(?:_\d+)*(?=\W|_|$)/g, '$1#')
    .replace(/(GeneratedMethodAccessor|GeneratedConstructorAccessor|\$Proxy|func)\d+/g, '$1#');
}

function errorsOf(lines: readonly string[], { language, error }: FrameRule): string[] {
  const errors: string[] = [];
  for (const line of lines) {
    const found = error.exec(line)?.[1];
    if (found === undefined) continue;
    const name = language === 'go' ? goError(found) : found;
    if (errors.at(-1) !== name) errors.push(name);
    if (errors.length === MOST_FRAMES) break;
  }
  return errors;
}

/** Go has no class of error: what stands before the first value of the message. */
function goError(message: string): string {
  return /^[A-Za-z :]*/.exec(message)?.[0].trim() ?? '';
}
