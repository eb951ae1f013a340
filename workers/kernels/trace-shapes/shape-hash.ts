/** 53 bits of two 32-bit hashes: exact in a double. */
const HIGH = 2 ** 32;
const HIGH_BITS = 0x1f_ffff;
const FIRST_SEED = 0x811c_9dc5;
const SECOND_SEED = 0x9747_b28c;

/** Mixes a word into a hash (Wellons' triple32, its first half). */
function mixed(hash: number, word: number): number {
  let next = Math.imul(hash ^ word, 0x7feb_352d);
  next ^= next >>> 15;
  return Math.imul(next, 0x846c_a68b) ^ (next >>> 16);
}

/** Of words and texts in their order; a text is apart from two that make it up. */
export class ShapeHash {
  private first = FIRST_SEED;
  private second = SECOND_SEED;

  text(text: string): this {
    for (let at = 0; at < text.length; at += 1) this.word(text.charCodeAt(at));
    return this.word(text.length + 0x1_0000);
  }

  /** A hash, as `value` gives it. */
  hash(value: number): this {
    return this.word(value | 0).word(Math.floor(value / HIGH));
  }

  value(): number {
    const [first, second] = [mixed(this.first, 1), mixed(this.second, 2)];
    return ((first & HIGH_BITS) >>> 0) * HIGH + (second >>> 0);
  }

  private word(word: number): this {
    this.first = mixed(this.first, word);
    this.second = mixed(this.second, ~word);
    return this;
  }
}
