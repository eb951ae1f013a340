export * from './requests.ts';
export * from './telemetry.ts';
export * from './routes.ts';
export * from './search.ts';
