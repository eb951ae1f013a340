import type { FaultName } from '../demo/faults.ts';

/** Where each fault is: the service, or what it depends on. */
export const CAUSES: Readonly<Record<FaultName, readonly string[]>> = {
  'payment-latency': ['payment', 'api.bank.example'],
  'error-burst': ['inventory'],
  'traffic-spike': ['gateway'],
  'log-flood': ['search'],
  'dependency-down': ['email', 'smtp.mail.example'],
  'memory-leak': ['cart'],
};
