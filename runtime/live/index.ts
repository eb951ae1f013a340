export * from './live-sockets.ts';
