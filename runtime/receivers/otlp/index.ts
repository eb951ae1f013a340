export * from './grpc.ts';
export * from './http.ts';
export { inflate, type Compression } from './inflate.ts';
export * from './receiver.ts';
