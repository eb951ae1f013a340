/** Deterministic noise for tests: mulberry32, and Box & Muller's normal deviates. */
export function normalNoise(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Level 100, a day of 24 points, a week of 168, autocorrelated noise. */
export function hourlySeries(points: number, seed: number, noise: number): Float64Array {
  const next = normalNoise(seed);
  let memory = 0;
  return Float64Array.from({ length: points }, (_, row) => {
    memory = 0.6 * memory + noise * next();
    const weekend = row % 168 >= 120 ? -12 : 0;
    return 100 + 20 * Math.sin((2 * Math.PI * row) / 24) + weekend + memory;
  });
}
