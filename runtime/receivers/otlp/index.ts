export * from './grpc.ts';
export * from './http.ts';
export { inflate, type Compression } from './inflate/index.ts';
export * from './receiver.ts';
