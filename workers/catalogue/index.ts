export { estimateCount, LEAST_HASHES, LeastHashes } from './least-hashes.ts';
export { attributeUses, metricUses } from './scan-metrics.ts';
export { RESOURCE_FACTOR, SCOPE_FACTOR } from './series-hashes.ts';
