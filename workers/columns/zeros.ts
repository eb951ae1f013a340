/** Every all-zero column of every batch is a view of this. Nobody writes to it. Replaced by a larger one on demand. */
let zeros = new SharedArrayBuffer(64 * 1024);

export function zeroBuffer(byteLength: number): SharedArrayBuffer {
  if (zeros.byteLength < byteLength) {
    zeros = new SharedArrayBuffer(Math.max(byteLength, zeros.byteLength * 2));
  }
  return zeros;
}
