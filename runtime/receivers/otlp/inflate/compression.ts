export type Compression = 'gzip' | 'deflate' | 'zstd' | 'snappy' | 'lz4';

/** In the order in which they are told to clients. */
export const READ_ENCODINGS = [
  'gzip',
  'deflate',
  'zstd',
  'snappy',
  'lz4',
  'identity',
] as const satisfies readonly (Compression | 'identity')[];

/** Names of `content-encoding` and `grpc-encoding`; RFC 9110 has x-gzip, the OpenTelemetry Collector zlib and x-snappy-framed. */
const NAMES: ReadonlyMap<string, Compression | 'identity'> = new Map([
  ...READ_ENCODINGS.map((name) => [name, name] as const),
  ['', 'identity'],
  ['x-gzip', 'gzip'],
  ['zlib', 'deflate'],
  ['x-snappy-framed', 'snappy'],
]);

/** Undefined: not one that we read. */
export function compressionOf(name: string): Compression | 'identity' | undefined {
  return NAMES.get(name.trim().toLowerCase());
}

/** Completes "the content encoding is br: …". */
export const EXPECTED_ENCODINGS = `expected ${READ_ENCODINGS.slice(0, -1).join(', ')} or ${READ_ENCODINGS.at(-1) ?? ''}`;
