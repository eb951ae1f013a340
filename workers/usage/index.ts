export { collectUsage } from './collect-usage.ts';
export { joinUsage, type WorkloadUsage } from './join-usage.ts';
