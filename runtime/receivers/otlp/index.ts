export * from './grpc.ts';
export * from './http.ts';
export * from './receiver.ts';
