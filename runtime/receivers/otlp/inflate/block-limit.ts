import { MalformedBody } from './malformed-body.ts';

/** 1,024 blocks of 64 KiB carry 64 MiB. Tiny ones take time, with zstd some microseconds each, and give nothing. */
export const MAX_BLOCKS = 131_072;

export function tooManyBlocks(): MalformedBody {
  return new MalformedBody(`it has more than ${MAX_BLOCKS} blocks; compress the request as a whole`);
}
