export * from './encode-frame.ts';
