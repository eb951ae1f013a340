export * from './http-server.ts';
export * from './listen-http.ts';
export { listenNodeHttp } from './node-http-server.ts';
