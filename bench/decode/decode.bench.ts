import { SIGNALS, type Signal } from '../../proto/columns/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import { loadDecoderModule, loadRequestTypes } from '../../workers/reference/index.ts';
import { collectGarbage } from '../collect-garbage.ts';
import { median } from '../median.ts';
import { number, readOptions } from '../read-options.ts';
import { createPayloadSource, type PayloadSource } from './payloads.ts';

const ITEMS = 1_000;
const REQUESTS_A_ROUND = 10;
/** Rounds that are not counted: everything is compiled after them. */
const WARM_UP_ROUNDS = 2;

/** µs per item, medians of the rounds; `ratio` is protobufjs over WebAssembly. */
interface SignalFigures {
  readonly ratio: number;
  readonly javascriptRatio: number;
  readonly wasm: number;
  readonly javascript: number;
  readonly protobufjs: number;
}

/**
 * Time from wire bytes to columns, in WebAssembly and in JavaScript, beside protobufjs to objects; alternating. Of the ten
 * attributes of an item two have `--many` values each (0: a new one for each item), the others a few.
 */
export async function run(args: readonly string[]): Promise<Record<Signal, SignalFigures>> {
  const values = readOptions(args, {
    rounds: number(15, 'rounds of each decoder, by turns'),
    many: number(10_000, 'distinct values of the attribute that has many'),
  });
  const payloads = await createPayloadSource({ manyValues: values.many });
  const types = await loadRequestTypes();
  const module = await loadDecoderModule();
  const figures: Partial<Record<Signal, SignalFigures>> = {};
  for (const signal of SIGNALS) {
    const webassembly = createDecoder({ module });
    const javascript = createDecoder();
    const ways = {
      wasm: (request: Uint8Array) => webassembly.decode(signal, request),
      javascript: (request: Uint8Array) => javascript.decode(signal, request),
      protobufjs: (request: Uint8Array) => types[signal].decode(request),
    };
    figures[signal] = measure(ways, payloads, signal, values.rounds);
    if (webassembly.fallbacks > 0) {
      throw new Error(`${webassembly.fallbacks} requests fell back to JavaScript`);
    }
  }
  return figures as Record<Signal, SignalFigures>;
}

type Way = 'wasm' | 'javascript' | 'protobufjs';

function measure(
  ways: Readonly<Record<Way, (request: Uint8Array) => unknown>>,
  payloads: PayloadSource,
  signal: Signal,
  rounds: number,
): SignalFigures {
  const times: Record<Way, number[]> = { wasm: [], javascript: [], protobufjs: [] };
  for (let round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
    const requests = Array.from({ length: REQUESTS_A_ROUND }, () => payloads(signal, ITEMS));
    for (const way of ['wasm', 'javascript', 'protobufjs'] as const) {
      // What the making of the requests, or another way, has left behind is nobody's time here.
      collectGarbage();
      const us = usPerItem(requests, ways[way]);
      if (round >= WARM_UP_ROUNDS) times[way].push(us);
    }
  }
  const [wasm, javascript, protobufjs] = [
    median(times.wasm),
    median(times.javascript),
    median(times.protobufjs),
  ];
  return {
    ratio: rounded(protobufjs / wasm),
    javascriptRatio: rounded(protobufjs / javascript),
    wasm: rounded(wasm),
    javascript: rounded(javascript),
    protobufjs: rounded(protobufjs),
  };
}

function usPerItem(requests: readonly Uint8Array[], decode: (request: Uint8Array) => unknown): number {
  const startedMs = performance.now();
  for (const request of requests) decode(request);
  return ((performance.now() - startedMs) * 1_000) / (requests.length * ITEMS);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
