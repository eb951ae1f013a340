import { inspect } from 'node:util';
import fc from 'fast-check';
import type { Type } from 'protobufjs';
import { SIGNALS, type Signal } from '../../proto/columns/index.ts';
import { createDecoder, type Decoder } from '../../workers/decode/index.ts';
import {
  differenceBetween,
  disagreement,
  encodeRequest,
  loadDecoderModule,
  loadRequestTypes,
  randomRequests,
} from '../../workers/reference/index.ts';
import { median } from '../median.ts';
import { number, optionalNumber, OptionError, readOptions } from '../read-options.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import { parseFields, type WireField } from './wire-tree.ts';

/** Valid requests of each signal that are mutated. */
const CORPUS = 400;
const MAX_VALID_BYTES = 600;
const MAX_EXAMPLES = 5;
/** Small, so that generations change all the time. */
const BOUNDS = { maxDictionaryEntries: 500 };
const PROGRESS_EVERY = 50_000;
/** Mutants by which the pace of the decoders is compared. */
const PACED = 20_000;
const PACE_ROUNDS = 5;

interface Mutant {
  readonly signal: Signal;
  readonly bytes: Uint8Array;
}

interface Finding {
  readonly signal: Signal;
  readonly problem: string;
  readonly base64: string;
}

/**
 * Gives mutated requests of all signals to both decoders and to protobufjs. `crashes` counts what threw, and requests
 * that WebAssembly could not take; `mismatches`, where a decoder contradicts protobufjs or the other decoder. Beside it how many of
 * them protobufjs takes, and how fast either goes through them.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { n, seed } = optionsOf(args);
  const types = await loadRequestTypes({ stringIndexes: false });
  const module = await loadDecoderModule();
  const random = new Random(seed);
  const corpus = {
    traces: corpusOf('traces'),
    metrics: corpusOf('metrics'),
    logs: corpusOf('logs'),
  };
  let javascript = createDecoder(BOUNDS);
  let webassembly = createDecoder({ ...BOUNDS, module });
  let fallbacks = 0;
  let crashes = 0;
  let mismatches = 0;
  let readable = 0;
  let takenByProtobufjs = 0;
  const paced: Mutant[] = [];
  const findings: Finding[] = [];
  const startedMs = performance.now();

  for (let count = 1; count <= n; count++) {
    const signal = random.pick(SIGNALS);
    const bytes = mutate(requestOf(signal), requestOf(random.pick(SIGNALS)), random);
    if (isTakenBy(types[signal], bytes)) takenByProtobufjs++;
    if (paced.length < PACED) paced.push({ signal, bytes });
    let problem: string | undefined;
    try {
      problem = compare(signal, bytes);
      if (problem !== undefined) mismatches++;
    } catch (error) {
      problem = inspect(error);
      crashes++;
      javascript = createDecoder(BOUNDS);
      webassembly = createDecoder({ ...BOUNDS, module });
      fallbacks = 0;
    }
    if (problem !== undefined && findings.length < MAX_EXAMPLES) {
      findings.push({ signal, problem, base64: Buffer.from(bytes).toString('base64') });
    }
    if (count % PROGRESS_EVERY === 0) {
      process.stderr.write(`${count} of ${n}: ${crashes} crashes, ${mismatches} mismatches\n`);
    }
  }
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const protobufjs = { accepted: takenByProtobufjs, refused: n - takenByProtobufjs };
  const pace = paceOf(paced, types, module);
  return { n, seed, crashes, mismatches, readable, seconds, findings, protobufjs, ...pace };

  function corpusOf(signal: Signal): readonly (readonly WireField[])[] {
    return fc
      .sample(randomRequests(signal), { seed, numRuns: CORPUS })
      .map((request) => encodeRequest(types[signal], request))
      .filter(({ length }) => length <= MAX_VALID_BYTES)
      .map(parseFields);
  }

  function requestOf(signal: Signal): readonly WireField[] {
    return corpus[signal][random.below(corpus[signal].length)] ?? [];
  }

  function compare(signal: Signal, bytes: Uint8Array): string | undefined {
    const expected = javascript.decode(signal, bytes);
    const decoded = webassembly.decode(signal, bytes);
    if (hasFallenBack(webassembly)) throw new Error('WebAssembly could not take it');
    if (!('undecodable' in decoded)) readable++;
    return (
      disagreement(types[signal], signal, bytes, decoded) ??
      disagreementOf('between the decoders: ', differenceBetween(decoded, expected))
    );
  }

  function hasFallenBack(decoder: Decoder): boolean {
    const has = decoder.fallbacks > fallbacks;
    fallbacks = decoder.fallbacks;
    return has;
  }
}

function isTakenBy(type: Type, bytes: Uint8Array): boolean {
  try {
    type.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Mutants a second, each side alone, by turns; medians. */
function paceOf(
  mutants: readonly Mutant[],
  types: Readonly<Record<Signal, Type>>,
  module: WebAssembly.Module,
): Record<'requestsPerSecond' | 'protobufjsRequestsPerSecond' | 'ratio', number> {
  const decoder = createDecoder({ module });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < PACE_ROUNDS; round++) {
    theirs.push(perSecond(mutants, ({ signal, bytes }) => isTakenBy(types[signal], bytes)));
    ours.push(perSecond(mutants, ({ signal, bytes }) => decoder.decode(signal, bytes)));
  }
  const [requestsPerSecond, protobufjsRequestsPerSecond] = [median(ours), median(theirs)];
  const ratio = Math.round((100 * requestsPerSecond) / protobufjsRequestsPerSecond) / 100;
  return { requestsPerSecond, protobufjsRequestsPerSecond, ratio };
}

function perSecond(mutants: readonly Mutant[], read: (mutant: Mutant) => unknown): number {
  const startedMs = performance.now();
  for (const mutant of mutants) read(mutant);
  return Math.round((mutants.length / (performance.now() - startedMs)) * 1_000);
}

function optionsOf(args: readonly string[]): { readonly n: number; readonly seed: number } {
  const values = readOptions(args, {
    n: number(100_000, 'mutated requests'),
    seed: optionalNumber('repeats a run'),
  });
  const { n, seed = Math.floor(Math.random() * 2 ** 31) } = values;
  if (!Number.isInteger(n) || n < 1 || !Number.isInteger(seed)) {
    throw new OptionError('--n is a number of requests and --seed a whole number');
  }
  return { n, seed };
}

function disagreementOf(where: string, difference: string | undefined): string | undefined {
  return difference === undefined ? undefined : where + difference;
}
