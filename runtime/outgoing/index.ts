export * from './allow-list.ts';
export * from './outgoing-client.ts';
export * from './outgoing-error.ts';
export * from './outgoing-fetch.ts';
