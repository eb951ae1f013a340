import type { ActorSystem } from '../../actors/system/index.ts';
import type { TopologyMessage, TopologyRef } from '../../actors/topology/index.ts';
import type { CallEdge } from '../../workers/topology/index.ts';
import type { Ingest } from '../ingest/index.ts';
import { ownInstruments, ownMetricsRequest, type MeasuredParts } from './own-metrics.ts';

export interface OwnMetricsOptions extends MeasuredParts {
  readonly topology: TopologyRef;
  readonly intervalMs: number;
  readonly version: string;
  readonly onError: (error: unknown) => void;
}

/** Reports every `intervalMs`, and a last time when stopped, so that no edge goes unreported. */
export function reportOwnMetrics(options: OwnMetricsOptions): { readonly stop: () => Promise<void> } {
  const instruments = ownInstruments(options);
  const startUnixNano = nowUnixNano();
  let sinceUnixNano = startUnixNano;
  let unreported: CallEdge[] = [];

  const report = async (): Promise<void> => {
    unreported.push(...(await takeEdges(options.system, options.topology)));
    const now = nowUnixNano();
    const times = { startUnixNano, sinceUnixNano, nowUnixNano: now };
    const edges = unreported;
    unreported = [];
    const outcome = await send(options.ingest, ownMetricsRequest(instruments, edges, options.version, times));
    // Refused: as any sender, try again with the next report.
    if (outcome === 'refused') unreported.push(...edges);
    else sinceUnixNano = now;
  };
  const timer = setInterval(() => {
    report().catch(options.onError);
  }, options.intervalMs);
  return {
    stop() {
      clearInterval(timer);
      return report();
    },
  };
}

async function send(ingest: Ingest, request: Uint8Array): Promise<'accepted' | 'refused'> {
  const outcome = await ingest.accept('metrics', request, 'json');
  switch (outcome.type) {
    case 'accepted':
      if (outcome.rejected > 0) throw new Error(`own metrics were rejected: ${outcome.message}`);
      return 'accepted';
    case 'refused':
      return 'refused';
    case 'undecodable':
      throw new Error(`own metrics cannot be decoded: ${outcome.reason}`);
  }
}

function takeEdges(system: ActorSystem, topology: TopologyRef): Promise<readonly CallEdge[]> {
  return system.ask<TopologyMessage, readonly CallEdge[]>(topology, (reply) => ({
    type: 'take-edges',
    reply,
  }));
}

function nowUnixNano(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
