export * from './requests.ts';
export * from './telemetry.ts';
