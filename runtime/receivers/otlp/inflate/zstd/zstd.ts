import type { Codec } from '../codec.ts';
import { decodeZstd } from './decode-zstd.ts';
import { extentOfZstd } from './frame-layout.ts';

export const zstd: Codec = { extentOf: extentOfZstd, decode: decodeZstd };
