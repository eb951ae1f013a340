/**
 * Bytes are looked at sixteen at a time, also the last few: what stands behind them is masked away. Whatever is
 * compared, hashed or copied must therefore have `PADDING` readable bytes behind it.
 */
export const PADDING: usize = 16;

/** 16 bytes of ones, then 16 of zeros: loaded `n` bytes before the middle it keeps `n` bytes. */
const MASKS: usize = memory.data<u64>([u64.MAX_VALUE, u64.MAX_VALUE, 0, 0], 16);

function maskOf(count: usize): v128 {
  return v128.load(MASKS + 16 - count);
}

export function isEqual(left: usize, right: usize, size: usize): bool {
  let at: usize = 0;
  for (; at + 16 <= size; at += 16) {
    if (v128.any_true(v128.xor(v128.load(left + at), v128.load(right + at)))) return false;
  }
  if (at == size) return true;
  const difference = v128.xor(v128.load(left + at), v128.load(right + at));
  return !v128.any_true(v128.and(difference, maskOf(size - at)));
}

/** Writes up to 15 bytes behind the copy. */
export function copyPadded(to: usize, from: usize, size: usize): void {
  if (size > 256) {
    memory.copy(to, from, size);
    return;
  }
  for (let at: usize = 0; at < size; at += 16) v128.store(to + at, v128.load(from + at));
}

/** Bytes that one pass of the hash takes. */
const HASH_BLOCK: usize = 1024;
/** Random, a number for each word of a block: written once by whoever owns this memory. */
export const HASH_KEYS: usize = memory.data(1024, 16);

/**
 * NH (Black et al., UMAC, CRYPTO 1999): Σ (w₀ + k₀)(w₂ + k₂) over pairs of 32-bit words, whose keys are random, so that
 * two entries chosen beforehand collide with a chance of 2⁻³². 16 bytes take six instructions that wait for nothing.
 */
export function hashBytes(start: usize, size: usize): u32 {
  let hash: u64 = size;
  let at = start;
  let rest = size;
  for (; rest > HASH_BLOCK; rest -= HASH_BLOCK, at += HASH_BLOCK) {
    hash = mix(hash ^ hashBlock(at, HASH_BLOCK));
  }
  return u32(mix(hash ^ hashBlock(at, rest)) >>> 32);
}

function hashBlock(start: usize, size: usize): u64 {
  let sums = i64x2.splat(0);
  let at: usize = 0;
  for (; at + 16 <= size; at += 16) sums = i64x2.add(sums, productOf(v128.load(start + at), at));
  if (at < size) {
    sums = i64x2.add(sums, productOf(v128.and(v128.load(start + at), maskOf(size - at)), at));
  }
  return u64(i64x2.extract_lane(sums, 0)) ^ rotl<u64>(u64(i64x2.extract_lane(sums, 1)), 29);
}

function productOf(words: v128, at: usize): v128 {
  const keyed = i32x4.add(words, v128.load(HASH_KEYS + at));
  return i64x2.extmul_low_i32x4_u(keyed, v128.shuffle<i32>(keyed, keyed, 2, 3, 0, 1));
}

function mix(value: u64): u64 {
  const mixed = (value ^ (value >>> 32)) * 0x9e3779b97f4a7c15;
  return mixed ^ (mixed >>> 29);
}

export function isZero(start: usize, size: usize): bool {
  let at: usize = 0;
  for (; at + 16 <= size; at += 16) {
    if (v128.any_true(v128.load(start + at))) return false;
  }
  for (; at < size; at++) {
    if (load<u8>(start + at) != 0) return false;
  }
  return true;
}
