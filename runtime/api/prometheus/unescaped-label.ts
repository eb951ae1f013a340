const ESCAPED = /__|_([0-9a-fA-F]{1,6})_/gu;
const WHOLLY_ESCAPED = /^(?:[A-Za-z0-9:]|__|_[0-9a-fA-F]{1,6}_)*$/u;

/**
 * The label that an escaped name such as `U__http_2e_route` stands for: `__` is an underscore, `_2e_` the character of that
 * code. As in Prometheus, a name that is not wholly escaped so, or names what is no character, stands for itself.
 */
export function unescapedLabel(name: string): string {
  if (!name.startsWith('U__')) return name;
  const escaped = name.slice('U__'.length);
  if (!WHOLLY_ESCAPED.test(escaped)) return name;
  const codes = Array.from(escaped.matchAll(ESCAPED), ([, code]) => (code ? parseInt(code, 16) : 0));
  if (!codes.every(isCharacter)) return name;
  return escaped.replace(ESCAPED, (_, code?: string) =>
    code === undefined ? '_' : String.fromCodePoint(parseInt(code, 16)),
  );
}

/** Halves of a surrogate pair are none. */
function isCharacter(code: number): boolean {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}
