/** What can go wrong in the shop, by name. */
export const FAULTS = {
  'payment-latency': 'the bank answers slowly: checkout waits for payment',
  'error-burst': 'inventory fails half of its requests',
  'memory-leak': 'cart grows by 2 MB a second until it is killed and starts again',
  'traffic-spike': 'six times the traffic',
  'log-flood': 'search writes two hundred debug lines a second',
  'dependency-down': 'the mail provider refuses every connection',
} as const;

export type FaultName = keyof typeof FAULTS;

export function isFault(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
