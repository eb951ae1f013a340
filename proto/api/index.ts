export * from './requests.ts';
export * from './telemetry.ts';
export * from './routes.ts';
