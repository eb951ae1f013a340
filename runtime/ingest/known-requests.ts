// Hot: every OTLP request. One generation takes 2 MiB; a look-up costs ≈ 0.1 µs a generation.
import { DIGEST_BYTES } from '../journal/index.ts';

const WORDS = DIGEST_BYTES / 4;
const GENERATION_DIGESTS = 2 ** 16;
/** A power of two, and twice the digests: probes stay short. */
const SLOTS = 2 * GENERATION_DIGESTS;

/** Digests noted one after the other, which are forgotten together. */
class Generation {
  private readonly words = new Uint32Array(SLOTS * WORDS);
  count = 0;
  newestMs = 0;
  lastSegment = 0;

  has(digest: Uint32Array): boolean {
    return this.words[this.slotOf(digest)] !== 0;
  }

  add(digest: Uint32Array): void {
    const at = this.slotOf(digest);
    if (this.words[at] === 0) this.count += 1;
    this.words.set(digest, at);
  }

  /** Where the digest stands, or where it would. A first word of 0 is an empty slot. */
  private slotOf(digest: Uint32Array): number {
    const { words } = this;
    let slot = (digest[0] ?? 0) & (SLOTS - 1);
    for (;;) {
      const at = slot * WORDS;
      if (words[at] === 0) return at;
      let word = 0;
      while (word < WORDS && words[at + word] === digest[word]) word += 1;
      if (word === WORDS) return at;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }
}

export interface KnownRequestsOptions {
  /** A request is known for so long, and until its segment is archived. */
  readonly keepMs: number;
  /** Beyond, the oldest are forgotten earlier, in lots of 65,536. */
  readonly maxDigests: number;
  /** Segments up to this one are archived. */
  readonly archivedThrough: () => number;
  /** Unix ms. */
  readonly now: () => number;
}

/** Which requests were made durable lately, by the whole of their digest: none is taken for another. */
export class KnownRequests {
  private readonly options: KnownRequestsOptions;
  private readonly generations: Generation[] = [new Generation()];
  private readonly scratch = new Uint8Array(DIGEST_BYTES);
  private readonly words = new Uint32Array(this.scratch.buffer);

  constructor(options: KnownRequestsOptions) {
    this.options = options;
  }

  get count(): number {
    return this.generations.reduce((sum, { count }) => sum + count, 0);
  }

  has(digest: Uint8Array): boolean {
    const words = this.wordsOf(digest);
    for (let i = this.generations.length - 1; i >= 0; i -= 1) {
      if (this.generations[i]?.has(words) === true) return true;
    }
    return false;
  }

  note(digest: Uint8Array, segment: number, receivedAtUnixMs: number): void {
    let newest = this.generations.at(-1);
    if (!newest || newest.count >= GENERATION_DIGESTS) {
      this.forget();
      newest = new Generation();
      this.generations.push(newest);
    }
    newest.add(this.wordsOf(digest));
    newest.newestMs = Math.max(newest.newestMs, receivedAtUnixMs);
    newest.lastSegment = Math.max(newest.lastSegment, segment);
  }

  /** Before another generation is made. */
  private forget(): void {
    const { keepMs, maxDigests, archivedThrough, now } = this.options;
    const maxGenerations = Math.max(1, Math.floor(maxDigests / GENERATION_DIGESTS) - 1);
    for (;;) {
      const oldest = this.generations[0];
      if (!oldest) return;
      const isOld = oldest.newestMs < now() - keepMs && oldest.lastSegment <= archivedThrough();
      if (!isOld && this.generations.length <= maxGenerations) return;
      this.generations.shift();
    }
  }

  private wordsOf(digest: Uint8Array): Uint32Array {
    this.scratch.set(digest);
    // The mark of an empty slot: taken for 1, which costs one bit of 128.
    if (this.words[0] === 0) this.words[0] = 1;
    return this.words;
  }
}
