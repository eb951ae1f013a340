import { fileURLToPath } from 'node:url';
import { runLoad } from '../load/run-load.ts';
import { processFigures } from '../platform/process-figures.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { median } from '../median.ts';
import { number, readOptions } from '../read-options.ts';
import { startScript } from '../start-script.ts';

const SCAN = fileURLToPath(new URL('./scan-receiver.ts', import.meta.url));
const SPANS_PER_REQUEST = 1_000;
const CONCURRENCY = 8;
/** No segment is sealed while this is measured: the archive has nothing to do. */
const ARCHIVE_PAUSED = {
  OPHION_ARCHIVE_MAX_ITEMS: '10000000',
  OPHION_ARCHIVE_MAX_AGE_SECONDS: '3600',
  OPHION_WINDOW_MAX_BYTES: '4GiB',
};

interface Receiver {
  readonly pid: number;
  readonly ports: { readonly grpc: number; readonly http: number };
  stop(): Promise<void>;
}

interface Rate {
  readonly spansPerSecond: number;
  readonly cpuUsPerSpan: number;
}

/**
 * Spans a second accepted and durable while the archive has nothing to do, and their share of what the same doors take
 * when they only count items; by gRPC and HTTP, alternating, medians. Generator and receiver share the machine.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    seconds: number(5, 'length of a round'),
    rounds: number(5, 'rounds of each side and protocol, by turns'),
  });
  const durationMs = values.seconds * 1_000;
  const result: Record<string, unknown> = {};
  for (const protocol of ['grpc', 'http'] as const) {
    const ours: Rate[] = [];
    const scans: Rate[] = [];
    for (let round = 1; round <= values.rounds; round += 1) {
      scans.push(await measured(startScan, protocol, durationMs));
      ours.push(await measured(startOphion, protocol, durationMs));
      process.stderr.write(
        `${protocol} ${round}: ${ours.at(-1)?.spansPerSecond ?? 0} spans/s, scan only ${scans.at(-1)?.spansPerSecond ?? 0}\n`,
      );
    }
    const spansPerSecond = median(ours.map((rate) => rate.spansPerSecond));
    const scanSpansPerSecond = median(scans.map((rate) => rate.spansPerSecond));
    result[protocol] = {
      spansPerSecond,
      scanSpansPerSecond,
      shareOfScan: Math.round((spansPerSecond / scanSpansPerSecond) * 1_000) / 1_000,
      cpuUsPerSpan: median(ours.map((rate) => rate.cpuUsPerSpan)),
      scanCpuUsPerSpan: median(scans.map((rate) => rate.cpuUsPerSpan)),
    };
  }
  return result;
}

async function measured(
  start: () => Promise<Receiver>,
  protocol: 'grpc' | 'http',
  durationMs: number,
): Promise<Rate> {
  const receiver = await start();
  const load = {
    protocol,
    port: receiver.ports[protocol],
    concurrency: CONCURRENCY,
    spansPerRequest: SPANS_PER_REQUEST,
  };
  await runLoad({ ...load, durationMs: 1_000 });
  const before = await processFigures(receiver.pid);
  const { acceptedSpans, elapsedMs } = await runLoad({ ...load, durationMs });
  const after = await processFigures(receiver.pid);
  await receiver.stop();
  return {
    spansPerSecond: Math.round((acceptedSpans / elapsedMs) * 1_000),
    cpuUsPerSpan: Math.round(((after.cpuMs - before.cpuMs) * 100_000) / acceptedSpans) / 100,
  };
}

async function startOphion(): Promise<Receiver> {
  const platform = await startPlatform(ARCHIVE_PAUSED);
  return {
    pid: platform.pid,
    ports: { grpc: platform.ports.otlpGrpc, http: platform.ports.otlpHttp },
    stop: () => platform.stop(),
  };
}

async function startScan(): Promise<Receiver> {
  const { child, ready, ended } = await startScript<{ grpcPort: number; httpPort: number }>(SCAN);
  return {
    pid: child.pid ?? 0,
    ports: { grpc: ready.grpcPort, http: ready.httpPort },
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}
