export * from './grpc.ts';
export * from './http.ts';
