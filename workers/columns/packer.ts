import { zeroBuffer } from './zeros.ts';

/** The class of a typed array that can stand on shared memory. */
export interface SharedArrayType<A extends ArrayBufferView> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): A;
}

/** Regions are a multiple of 8 bytes, so that every one may hold 64-bit values. */
export function align8(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 8) * 8;
}

/** Hands out aligned regions of one shared buffer, one behind the other. */
export class Packer {
  readonly buffer: SharedArrayBuffer;
  private used = 0;

  constructor(sizeBytes: number) {
    this.buffer = new SharedArrayBuffer(sizeBytes);
  }

  take<A extends ArrayBufferView>(ArrayType: SharedArrayType<A>, length: number): A {
    const region = new ArrayType(this.buffer, this.used, length);
    this.used += align8(region.byteLength);
    return region;
  }

  zeros<A extends ArrayBufferView>(ArrayType: SharedArrayType<A>, length: number): A {
    return new ArrayType(zeroBuffer(length * ArrayType.BYTES_PER_ELEMENT), 0, length);
  }
}
