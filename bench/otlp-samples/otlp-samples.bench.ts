import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Signal } from '../../proto/columns/index.ts';
import { startPlatform } from '../platform/start-platform.ts';
import { requiredText, readOptions } from '../read-options.ts';

interface Sample {
  readonly file: string;
  readonly signal: Signal;
  readonly contentType: string;
  readonly bodies: readonly Buffer[];
}

interface Verdict {
  readonly file: string;
  /** HTTP status of each request in the file, most common first where they differ. */
  readonly statuses: readonly number[];
  /** Why the first refused request was refused. */
  readonly reason?: string;
}

/**
 * Sends every file below `--data` (see the folder's README for where the public originals are found) to a running
 * platform, over HTTP, as the request that it is: `.pb` as protobuf, `.json` as JSON, `.jsonl` a request a line.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    data: requiredText('DIR', 'folder of OTLP payloads'),
  });
  const platform = await startPlatform();
  const verdicts: Verdict[] = [];
  for (const sample of await readSamples(values.data)) {
    verdicts.push(await send(sample, platform.ports.otlpHttp));
  }
  await platform.stop();
  const isAccepted = ({ statuses }: Verdict): boolean => statuses.every((status) => status === 200);
  return {
    accepted: verdicts.filter(isAccepted).map(({ file }) => file),
    refused: Object.fromEntries(
      verdicts
        .filter((verdict) => !isAccepted(verdict))
        .map(({ file, statuses, reason }) => [file, { statuses, reason }]),
    ),
  };
}

const unzip = promisify(gunzip);

async function readSamples(folder: string): Promise<Sample[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const samples = await Promise.all(paths.sort().map((path) => readSample(folder, path)));
  return samples.flatMap((sample) => (sample ? [sample] : []));
}

async function readSample(folder: string, path: string): Promise<Sample | undefined> {
  const packed = await readFile(path);
  const isPacked = path.endsWith('.gz');
  const content = isPacked ? await unzip(packed) : packed;
  const name = isPacked ? path.slice(0, -3) : path;
  const kind = extname(name);
  if (!['.pb', '.json', '.jsonl'].includes(kind)) return undefined;
  const lines = content
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return {
    file: relative(folder, path),
    signal: signalOf(basename(name)),
    contentType: kind === '.pb' ? 'application/x-protobuf' : 'application/json',
    bodies: kind === '.jsonl' ? lines.map((line) => Buffer.from(line)) : [content],
  };
}

/** By the file's name; what does not say is taken for traces. */
function signalOf(name: string): Signal {
  if (/^(log|events)/.test(name)) return 'logs';
  return name.startsWith('metric') ? 'metrics' : 'traces';
}

async function send({ file, signal, contentType, bodies }: Sample, port: number): Promise<Verdict> {
  const statuses = new Set<number>();
  let reason: string | undefined;
  for (const body of bodies) {
    const response = await fetch(`http://127.0.0.1:${port}/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    });
    const answer = await response.text();
    statuses.add(response.status);
    if (!response.ok) reason ??= answer;
  }
  return { file, statuses: [...statuses], ...(reason === undefined ? {} : { reason }) };
}
