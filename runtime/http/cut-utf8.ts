/** The longest beginning of `text` whose UTF-8 has at most `maxBytes`, with … at the end where something was cut. */
export function cutUtf8(text: string, maxBytes: number): string {
  // A UTF-16 unit is at most 3 bytes.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes - ELLIPSIS_BYTES;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${bytes.toString('utf8', 0, end)}…`;
}

const ELLIPSIS_BYTES = 3;
