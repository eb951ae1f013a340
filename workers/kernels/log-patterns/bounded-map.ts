/** Forgets what was not asked for in a long time: a full generation becomes the old one, and what is found there moves over. */
export class BoundedMap<Key, Value> {
  readonly #mostEntries: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  /** Holds between half of `mostEntries` and all of them. */
  constructor(mostEntries: number) {
    this.#mostEntries = Math.max(2, mostEntries);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    if (value !== undefined || this.#old.size === 0) return value;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#mostEntries / 2 && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}
