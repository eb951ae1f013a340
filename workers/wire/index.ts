export * from './byte-buffer.ts';
export * from './wire-reader.ts';
