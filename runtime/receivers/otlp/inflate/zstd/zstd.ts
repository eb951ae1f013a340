import { framedCodec } from '../framed-codec.ts';
import { decodeBlocks } from './decode-zstd.ts';
import { readFrameHeader } from './frame-header.ts';
import { extentOfBlocks } from './frame-layout.ts';

/** Zstandard (RFC 8878). Checksums are not compared. */
export const zstd = framedCodec({ readHeader: readFrameHeader, extentOfBlocks, decodeBlocks });
