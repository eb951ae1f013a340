import { littleEndian } from './little-endian.ts';
import { MalformedBody } from './malformed-body.ts';

const SKIPPABLE_MAGIC = 0x184d2a50;

/** LZ4 and zstd (RFC 8878, 3.1.2) have the same frames for what decoders skip. Undefined: another frame begins here. */
export function endOfSkippable(source: Uint8Array, start: number): number | undefined {
  const magic = littleEndian(source, start, 4);
  if ((magic & ~15) >>> 0 !== SKIPPABLE_MAGIC) return undefined;
  const end = start + 8 + littleEndian(source, start + 4, 4);
  if (end > source.length) throw new MalformedBody('a skippable frame is cut short');
  return end;
}
