/** The class of a typed array that can stand on shared memory. */
export interface SharedArrayType<A extends ArrayBufferView> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): A;
}

/** Regions are a multiple of 8 bytes, so that every one may hold 64-bit values. */
export function align8(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 8) * 8;
}

/**
 * Hands out aligned regions of one shared buffer, one behind the other, for the arrays of a batch in the order of its
 * layout. `columnsIn` finds them again.
 */
export class Packer {
  readonly buffer: SharedArrayBuffer;
  /** See `Batch.zeroArrays`. */
  zeroArrays = 0;
  private bit = 1;
  private used = 0;

  constructor(sizeBytes: number) {
    this.buffer = new SharedArrayBuffer(sizeBytes);
  }

  take<A extends ArrayBufferView>(ArrayType: SharedArrayType<A>, length: number): A {
    const region = new ArrayType(this.buffer, this.used, length);
    this.used += align8(region.byteLength);
    this.bit *= 2;
    return region;
  }

  /** An array of zeros alone takes no room. */
  passZeros(): void {
    this.zeroArrays += this.bit;
    this.bit *= 2;
  }
}
