import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runLoad } from '../load/run-load.ts';
import { processFigures } from '../platform/process-figures.ts';
import { startPlatform } from '../platform/start-platform.ts';

const PLAIN = fileURLToPath(new URL('./plain-receiver.ts', import.meta.url));
const SPANS_PER_REQUEST = 1_000;
const CONCURRENCY = 8;

interface Receiver {
  readonly pid: number;
  readonly grpcPort: number;
  readonly httpPort: number;
  stop(): Promise<void>;
}

interface Rate {
  readonly spansPerSecond: number;
  readonly cpuUsPerSpan: number;
}

/**
 * Accepted spans a second, by gRPC and HTTP, of the platform (durable before the reply, archived behind it) and of
 * a plain Node receiver, alternating within one run; medians. Generator and receiver share the machine.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '5' } },
  });
  const durationMs = Number(values.seconds) * 1_000;
  const result: Record<string, unknown> = {};
  for (const protocol of ['grpc', 'http'] as const) {
    const ours: Rate[] = [];
    const plain: Rate[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      plain.push(await measured(startPlainReceiver, protocol, durationMs));
      ours.push(await measured(startOphion, protocol, durationMs));
      const [last, lastPlain] = [ours.at(-1), plain.at(-1)];
      process.stderr.write(
        `${protocol} ${round + 1}: ${last?.spansPerSecond ?? 0} spans/s, plain ${lastPlain?.spansPerSecond ?? 0}\n`,
      );
    }
    result[protocol] = {
      spansPerSecond: median(ours.map(({ spansPerSecond }) => spansPerSecond)),
      cpuUsPerSpan: median(ours.map(({ cpuUsPerSpan }) => cpuUsPerSpan)),
      plainSpansPerSecond: median(plain.map(({ spansPerSecond }) => spansPerSecond)),
      plainCpuUsPerSpan: median(plain.map(({ cpuUsPerSpan }) => cpuUsPerSpan)),
      ratio: round2(
        median(ours.map(({ spansPerSecond }) => spansPerSecond)) /
          median(plain.map(({ spansPerSecond }) => spansPerSecond)),
      ),
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
  const port = protocol === 'grpc' ? receiver.grpcPort : receiver.httpPort;
  const load = { protocol, port, concurrency: CONCURRENCY, spansPerRequest: SPANS_PER_REQUEST };
  await runLoad({ ...load, durationMs: 1_000 });
  const before = await processFigures(receiver.pid);
  const report = await runLoad({ ...load, durationMs });
  const after = await processFigures(receiver.pid);
  await receiver.stop();
  await sleep(500);
  return {
    spansPerSecond: Math.round((report.acceptedSpans / report.elapsedMs) * 1_000),
    cpuUsPerSpan: round2(((after.cpuMs - before.cpuMs) * 1_000) / report.acceptedSpans),
  };
}

async function startOphion(): Promise<Receiver> {
  const platform = await startPlatform({ OPHION_ARCHIVE_MAX_ITEMS: '300000' });
  return {
    pid: platform.pid,
    grpcPort: platform.ports.otlpGrpc,
    httpPort: platform.ports.otlpHttp,
    stop: () => platform.stop(),
  };
}

async function startPlainReceiver(): Promise<Receiver> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ophion-plain-'));
  const child = fork(PLAIN, [], { execArgv: ['--import', import.meta.resolve('tsx')] });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const ports = await new Promise<{ grpcPort: number; httpPort: number }>((resolve) => {
    child.once('message', (message) => {
      resolve(message as { grpcPort: number; httpPort: number });
    });
    child.send({ dataDir });
  });
  return {
    pid: child.pid ?? 0,
    ...ports,
    async stop() {
      child.disconnect();
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
