export * from './byte-buffer.ts';
export * from './wire-reader.ts';
export * from './wire-faults.ts';
