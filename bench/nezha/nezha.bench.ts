import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CallEdge,
  type LogPatternCount,
  rankRootCauses,
  type SignalKind,
  type SignalSeries,
  type SpanEvidence,
} from '../../workers/kernels/root-cause/index.ts';
import { recallOf } from '../petshop/top-k-recall.ts';
import { readOptions, requiredText } from '../read-options.ts';
import { type Fault, findHalf, readFaults, readTable, type Row, serviceOfPod } from './read-nezha.ts';

const OPTIONS = {
  data: requiredText('DIR', "one half of Nezha's faults of one system: a folder with dev/ or heldout/"),
};

/** AS@1, AS@3, AS@5 in per cent, of the paper's Table 3: all faults of the system, both halves. */
const RIVALS = {
  multiModal: {
    Nezha: [86.67, 97.78, 97.78],
    MicroRCA: [20, 31.11, 44.44],
    MicroScope: [17.78, 26.67, 35.56],
    MicroRank: [15.56, 24.44, 35.56],
    TraceAnomaly: [13.33, 28.89, 33.33],
    PDiagnose: [8.89, 13.33, 22.22],
  },
  metricsOnly: {
    Nezha: [92.86, 96.43, 96.43],
    'Nezha without logs': [64.28, 64.28, 64.28],
    MicroRCA: [16.07, 62.5, 92.75],
    MicroScope: [12.5, 41.07, 55.35],
    PDiagnose: [41.07, 73.21, 82.14],
  },
} as const;

const METRICS: Readonly<Record<string, SignalKind>> = {
  'CpuUsageRate(%)': 'cpu',
  'MemoryUsageRate(%)': 'memory',
  SyscallRead: 'disk',
  SyscallWrite: 'disk',
  NetworkReceiveBytes: 'network',
  NetworkTransmitBytes: 'network',
  'PodServerLatencyP90(s)': 'latency',
  'PodClientLatencyP90(s)': 'latency',
  'PodWorkload(Ops)': 'requests',
};

/** Minutes before a fault that count as normal, less those of the injection itself; a fault lasts three. */
const NORMAL_MINUTES = 60;
const FAULT_SECONDS = 240;

/**
 * Which service of a shop on Kubernetes each injected fault is in: AS@k, the share of faults whose service is among the first k. Yu
 * et al., "Nezha", ESEC/FSE 2023; public at github.com/IntelligentDDS/Nezha. Scores traces, logs and metrics where all are there, else metrics
 * alone.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { data } = readOptions(args, OPTIONS);
  const half = await findHalf(data);
  const folder = join(data, half);
  const hasTraces = (await readdir(folder)).includes('faults');
  const faults = await readFaults(folder);
  const healthy = hasTraces
    ? await readHealthy(join(data, 'common', 'fault-free'))
    : new Map<string, Recording>();
  const metrics = await readMetrics(folder, faults);
  const answers: { fault: Fault; truth: string; ranked: string[] }[] = [];
  for (const fault of faults) {
    const recording = hasTraces ? await readRecording(join(folder, 'faults', fault.id)) : undefined;
    const ranked = rankFault(
      fault,
      metrics.get(fault.day) ?? [],
      healthy.get(fault.day),
      recording,
      faults,
      await readEdges(folder, fault.day),
    );
    answers.push({ fault, truth: fault.service, ranked });
  }
  const { top1, top3, top5 } = recallOf(answers);
  const types = [...new Set(faults.map(({ type }) => type))].sort();
  return {
    half,
    faults: faults.length,
    as1: top1,
    as3: top3,
    as5: top5,
    byType: Object.fromEntries(
      types.map((type) => [type, recallOf(answers.filter(({ fault }) => fault.type === type))]),
    ),
    misses: answers
      .filter(({ truth, ranked }) => ranked[0] !== truth)
      .map(
        ({ fault, truth, ranked }) =>
          `${fault.id} ${fault.type}: ${truth} is ${ranked.indexOf(truth) + 1}, first ${ranked.slice(0, 3).join(', ')}`,
      ),
    rivals: hasTraces ? RIVALS.multiModal : RIVALS.metricsOnly,
  };
}

interface Recording {
  readonly spans: readonly SpanEvidence[];
  readonly logs: ReadonlyMap<string, { service: string; pattern: string; isError: boolean; count: number }>;
}

function rankFault(
  fault: Fault,
  metrics: readonly Row[],
  healthy: Recording | undefined,
  recording: Recording | undefined,
  faults: readonly Fault[],
  known: readonly CallEdge[],
): string[] {
  const edges = [...known, ...edgesOf(healthy?.spans ?? []), ...edgesOf(recording?.spans ?? [])];
  const entry = entryOf(edges);
  const causes = rankRootCauses({
    edges,
    ...(entry === undefined ? {} : { symptom: { service: entry } }),
    series: seriesOf(metrics, fault, faults),
    ...(healthy && recording
      ? { spans: { normal: healthy.spans, abnormal: recording.spans }, logs: countLogs(healthy, recording) }
      : {}),
  });
  return causes.map(({ service }) => service);
}

async function readHealthy(folder: string): Promise<Map<string, Recording>> {
  const result = new Map<string, Recording>();
  for (const day of await readdir(folder)) result.set(day, await readRecording(join(folder, day)));
  return result;
}

/** The last of the minutes lies wholly in the fault. */
async function readRecording(folder: string): Promise<Recording> {
  const files = (await readdir(folder)).sort();
  const lastOf = (ending: string): string => files.filter((file) => file.endsWith(ending)).at(-1) ?? '';
  const spans = (await readTable(join(folder, lastOf('_trace.csv.gz')))).map((row) => ({
    id: row.get('SpanID') ?? '',
    parent: row.get('ParentID') === 'root' ? '' : (row.get('ParentID') ?? ''),
    service: serviceOfPod(row.get('PodName') ?? ''),
    operation: row.get('OperationName') ?? '',
    start: Number(row.get('StartTimeUnixNano')),
    duration: Number(row.get('EndTimeUnixNano')) - Number(row.get('StartTimeUnixNano')),
    isError: false,
  }));
  return { spans, logs: tallyLogs(await readTable(join(folder, lastOf('_log.csv.gz')))) };
}

function tallyLogs(rows: readonly Row[]): Recording['logs'] {
  const result = new Map<string, { service: string; pattern: string; isError: boolean; count: number }>();
  for (const row of rows) {
    const service = serviceOfPod(row.get('PodName') ?? '');
    const text = row.get('Log') ?? '';
    const pattern = patternOf(text);
    const key = `${service}\0${pattern}`;
    const tally = result.get(key) ?? {
      service,
      pattern,
      isError: /\b(?:ERROR|FATAL|Exception)\b/.test(text),
      count: 0,
    };
    tally.count += 1;
    result.set(key, tally);
  }
  return result;
}

/** What does not vary: numbers, identifiers and what stands behind colons, equal signs and in braces are parameters. */
function patternOf(text: string): string {
  return (/"log":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text)
    .replace(/^[\d:.]+ /, '')
    .replace(/TraceID: \S+ SpanID: \S+ /, '')
    .replace(/[:=：].*$/s, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '*')
    .replace(/(?<![#\w])\d+/g, '*')
    .slice(0, 200);
}

function countLogs(healthy: Recording, recording: Recording): LogPatternCount[] {
  return [...new Set([...healthy.logs.keys(), ...recording.logs.keys()])].map((key) => {
    const normal = healthy.logs.get(key);
    const abnormal = recording.logs.get(key);
    const { service, pattern, isError } = normal ?? abnormal ?? { service: '', pattern: '', isError: false };
    return { service, pattern, isError, normal: normal?.count ?? 0, abnormal: abnormal?.count ?? 0 };
  });
}

function edgesOf(spans: readonly SpanEvidence[]): CallEdge[] {
  const serviceOf = new Map(spans.map(({ id, service }) => [id, service]));
  const edges = new Map<string, CallEdge>();
  for (const { parent, service } of spans) {
    const caller = serviceOf.get(parent);
    if (caller !== undefined && caller !== service) {
      edges.set(`${caller}\0${service}`, { caller, callee: service });
    }
  }
  return [...edges.values()];
}

/** The service that calls most others and that none calls: where users come in, and hurt. */
function entryOf(edges: readonly CallEdge[]): string | undefined {
  const called = new Set(edges.map(({ callee }) => callee));
  const calls = new Map<string, number>();
  for (const { caller } of edges) if (!called.has(caller)) calls.set(caller, (calls.get(caller) ?? 0) + 1);
  return [...calls].sort(([, one], [, other]) => other - one)[0]?.[0];
}

async function readEdges(folder: string, day: string): Promise<CallEdge[]> {
  const file = `${day}-dependency.csv.gz`;
  if (!(await readdir(join(folder, 'metrics'))).includes(file)) return [];
  return (await readTable(join(folder, 'metrics', file))).map((row) => ({
    caller: row.get('Source') ?? '',
    callee: row.get('Target') ?? '',
  }));
}

async function readMetrics(folder: string, faults: readonly Fault[]): Promise<Map<string, Row[]>> {
  const result = new Map<string, Row[]>();
  for (const day of new Set(faults.map((fault) => fault.day))) {
    result.set(day, await readTable(join(folder, 'metrics', `${day}.csv.gz`)));
  }
  return result;
}

/** The hour before, without minutes of other faults; and the fault. */
function seriesOf(rows: readonly Row[], { injected }: Fault, faults: readonly Fault[]): SignalSeries[] {
  const isFaulty = (time: number): boolean =>
    faults.some((other) => time >= other.injected && time < other.injected + FAULT_SECONDS);
  const byService = new Map<string, { normal: Row[]; abnormal: Row[] }>();
  for (const row of rows) {
    const time = Number(row.get('TimeStamp'));
    const service = serviceOfPod(row.get('PodName') ?? '');
    const stretches = byService.get(service) ?? { normal: [], abnormal: [] };
    byService.set(service, stretches);
    if (time >= injected + 30 && time < injected + FAULT_SECONDS) stretches.abnormal.push(row);
    else if (time >= injected - 60 * NORMAL_MINUTES && time < injected && !isFaulty(time)) {
      stretches.normal.push(row);
    }
  }
  return [...byService].flatMap(([service, { normal, abnormal }]) =>
    Object.entries(METRICS).map(([name, kind]) => ({
      service,
      kind,
      name,
      normal: stretchOf(normal, name),
      abnormal: stretchOf(abnormal, name),
    })),
  );
}

function stretchOf(rows: readonly Row[], name: string): { times: Float64Array; values: Float64Array } {
  return {
    times: Float64Array.from(rows, (row) => Number(row.get('TimeStamp'))),
    values: Float64Array.from(rows, (row) => (row.get(name) ? Number(row.get(name)) : NaN)),
  };
}
