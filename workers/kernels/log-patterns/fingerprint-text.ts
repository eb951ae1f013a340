/** 64 bits of a text as 16 hexadecimal digits: two 32-bit FNV-1a hashes with different bases and a final mix. Not cryptographic. */
export function fingerprintText(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x050c5d1f;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ (code + 0x9e37), 0x01000193);
  }
  return hexOf(mixed(first)) + hexOf(mixed(second ^ text.length));
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

function hexOf(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}
