export { ByteBudget, Hold, type BudgetWatcher } from './byte-budget.ts';
export { ByteCollector } from './byte-collector.ts';
export * from './cut-utf8.ts';
export * from './http-server.ts';
export * from './listen-http.ts';
export { listenNodeHttp } from './node-http-server.ts';
export * from './port-unavailable-error.ts';
export * from './tls-options.ts';
