// A BOM is part of the text; without `ignoreBOM` it would vanish.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** UTF-8 to a string; what is not UTF-8 becomes U+FFFD. Shared memory is copied first: TextDecoder refuses it. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) return '';
  if (end - start <= 32) {
    const ascii = decodeAscii(bytes, start, end);
    if (ascii !== undefined) return ascii;
  }
  return decoder.decode(bytes.slice(start, end));
}

function decodeAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos] ?? 0;
    if (byte >= 0x80) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
