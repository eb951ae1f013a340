import { setTimeout as sleep } from 'node:timers/promises';

export async function pause(ms: number): Promise<void> {
  await sleep(ms);
}

/** A log-normal spread around a usual duration: most near it, a few much longer, as services answer. */
export function spread(usualMs: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return usualMs * Math.exp(0.35 * normal);
}
