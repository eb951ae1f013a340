/**
 * Memory is handed out in one direction and taken back all at once, when a dictionary generation ends. What has
 * grown out of its place leaves that place unused until then: at most as much as is in use. Handed out memory is
 * never moved, so an address stays good for as long as the generation lasts.
 */
class Region {
  static top: usize = 0;
}

/** More than one piece can ever be; keeps sums of addresses and sizes below 2^32. */
const LARGEST: usize = 0x3fffffff;
/** Pages of 64 KiB that memory grows by at least. */
const GROWTH_PAGES: i32 = 16;

export function resetRegion(): void {
  Region.top = (__heap_base + 15) & ~15;
}

/** The address of `size` bytes of whatever was there before, at a multiple of 16; 0 when there is no more memory. */
export function allocate(size: usize): usize {
  if (size > LARGEST) return 0;
  const start = Region.top;
  const end = start + ((size + 15) & ~15);
  if (end > LARGEST) return 0;
  const pages = i32((end + 0xffff) >>> 16);
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(max(missing, GROWTH_PAGES)) < 0 && memory.grow(missing) < 0) return 0;
  Region.top = end;
  return start;
}
