import { setTimeout as sleep } from 'node:timers/promises';
import { fetchApi } from '../../runtime/end-to-end/index.ts';
import { runLoad } from '../load/run-load.ts';
import { archiveIsLevel, mergesAreDone } from '../platform/archive-level.ts';
import { processFigures } from '../platform/process-figures.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { median } from '../median.ts';
import { number, readOptions } from '../read-options.ts';
import { startPlainReceiver } from './start-plain-receiver.ts';

const SPANS_PER_REQUEST = 1_000;

interface Receiver {
  readonly pid: number;
  readonly grpcPort: number;
  readonly httpPort: number;
  /** Where the platform answers questions. */
  readonly apiPort?: number;
  /** Resolves when what was accepted is archived, as far as it does not wait for more of its kind. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

interface Round {
  readonly protocol: 'grpc' | 'http';
  readonly durationMs: number;
  readonly concurrency: number;
}

interface Rate {
  readonly spansPerSecond: number;
  readonly cpuUsPerSpan: number;
  /** Highest p99 of the event loop's delay in ten seconds, as the platform reports of itself; ms. */
  readonly loopDelayMsP99?: number;
}

/**
 * Spans a second that are accepted, durable and archived, by gRPC and HTTP, of the platform with its default settings
 * and of a plain Node receiver, alternating within one run; medians. Then the platform alone, held at full load: the
 * processor time of all its processes a span, until merges are done, and the delay of its event loop. Generator and receiver
 * share the machine.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    seconds: number(15, 'length of a round'),
    rounds: number(5, 'rounds of each side and protocol, by turns'),
    hold: number(60, 'seconds at full load for the cost of a span'),
    concurrency: number(8, 'requests under way at a time, for either receiver'),
  });
  const durationMs = values.seconds * 1_000;
  const { concurrency } = values;
  const result: Record<string, unknown> = {};
  for (const protocol of ['grpc', 'http'] as const) {
    const ours: Rate[] = [];
    const plain: Rate[] = [];
    for (let round = 1; round <= values.rounds; round += 1) {
      plain.push(await measured(startPlain, { protocol, durationMs, concurrency }));
      ours.push(await measured(startOphion, { protocol, durationMs, concurrency }));
      say(`${protocol} ${round}: ${text(ours.at(-1))}, plain ${text(plain.at(-1))}`);
    }
    const held = await measured(
      startOphion,
      { protocol, durationMs: values.hold * 1_000, concurrency },
      true,
    );
    say(`${protocol} held for ${values.hold} s: ${text(held)}`);
    const spansPerSecond = median(ours.map((rate) => rate.spansPerSecond));
    const plainSpansPerSecond = median(plain.map((rate) => rate.spansPerSecond));
    result[protocol] = {
      ratio: round2(spansPerSecond / plainSpansPerSecond),
      spansPerSecond,
      plainSpansPerSecond,
      cpuUsPerSpan: held.cpuUsPerSpan,
      heldSpansPerSecond: held.spansPerSecond,
      loopDelayMsP99: held.loopDelayMsP99,
      plainCpuUsPerSpan: median(plain.map((rate) => rate.cpuUsPerSpan)),
    };
  }
  return result;
}

async function measured(
  start: () => Promise<Receiver>,
  { protocol, durationMs, concurrency }: Round,
  withMerges = false,
): Promise<Rate> {
  const receiver = await start();
  const port = protocol === 'grpc' ? receiver.grpcPort : receiver.httpPort;
  const load = { protocol, port, concurrency, spansPerRequest: SPANS_PER_REQUEST };
  await runLoad({ ...load, durationMs: 1_000 });
  const before = await processFigures(receiver.pid);
  const startedMs = performance.now();
  const { acceptedSpans, elapsedMs } = await runLoad({ ...load, durationMs });
  // Without what it takes to start the generator, and with what it takes to archive the rest.
  const startingMs = performance.now() - startedMs - elapsedMs;
  await receiver.caughtUp();
  const totalMs = performance.now() - startedMs - startingMs;
  if (withMerges) await mergesAreDone(receiver.pid);
  const after = await processFigures(receiver.pid);
  const { apiPort } = receiver;
  const loopDelayMsP99 = withMerges && apiPort !== undefined ? await loopDelayMs(apiPort) : undefined;
  await receiver.stop();
  await sleep(500);
  return {
    ...(loopDelayMsP99 !== undefined && { loopDelayMsP99 }),
    spansPerSecond: Math.round((acceptedSpans / totalMs) * 1_000),
    cpuUsPerSpan: round2(((after.cpuMs - before.cpuMs) * 1_000) / acceptedSpans),
  };
}

async function startOphion(): Promise<Receiver> {
  const platform = await startPlatform();
  // Signs in: the hash of a password takes half a second of processor time, which would count as archiving afterwards.
  await archiveIsLevel(platform.ports.api);
  return {
    pid: platform.pid,
    grpcPort: platform.ports.otlpGrpc,
    httpPort: platform.ports.otlpHttp,
    apiPort: platform.ports.api,
    caughtUp: () => archiveIsLevel(platform.ports.api),
    stop: () => platform.stop(),
  };
}

async function startPlain(): Promise<Receiver> {
  const receiver = await startPlainReceiver();
  // It replies when its batch is inserted.
  return { ...receiver, caughtUp: () => Promise.resolve() };
}

/** Highest of the reports since the platform was started, which give the median and the p99; NaN without one. */
async function loopDelayMs(apiPort: number): Promise<number> {
  const query = 'max(max_over_time({"ophion.eventloop.delay"}[1h]))';
  const response = await fetchApi(apiPort, `/prometheus/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as {
    data: { result: readonly { readonly value: readonly [number, string] }[] };
  };
  return round2(Number(data.result[0]?.value[1]) * 1_000);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function text(rate: Rate | undefined): string {
  return `${rate?.spansPerSecond ?? 0} spans/s at ${rate?.cpuUsPerSpan ?? 0} µs`;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
