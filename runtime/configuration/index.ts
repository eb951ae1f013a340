export * from './apply-configuration.ts';
export * from './configuration-conflict-error.ts';
export * from './configuration-context.ts';
export * from './configuration-yaml.ts';
export * from './describe-step.ts';
export * from './export-configuration.ts';
export * from './plan-configuration.ts';
