import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodedRequest, UndecodableRequest } from '../../proto/columns/index.ts';
import {
  differenceBetween,
  disagreement,
  encodeRequest,
  loadDecoderModule,
  loadRequestTypes,
  randomRequests,
  rowsOf,
} from '../reference/index.ts';
import { createDecoder, jsonToWire } from './index.ts';

const TYPES = await loadRequestTypes({ stringIndexes: false });
const ENGINES = { javascript: {}, webassembly: { module: await loadDecoderModule() } };
const RUNS = 300;
/** Shrinking is bounded: a failure is reported after some of it. */
function check<Values>(property: fc.IProperty<Values>, numRuns: number): void {
  fc.assert(property, { numRuns, plugins: [fc.interruptAfterTimeLimit(20_000)] });
}

/** OTLP/JSON, with 64-bit integers in each of the three forms that senders use. */
function jsonText(value: unknown, field = ''): string {
  if (typeof value === 'bigint') return jsonLong(value);
  if (typeof value === 'number') return jsonNumber(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item)).join(',')}]`;
  if (value instanceof Uint8Array) {
    const isId = field.endsWith('raceId') || field.endsWith('panId');
    return JSON.stringify(Buffer.from(value).toString(isId ? 'hex' : 'base64'));
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, child]) => `${JSON.stringify(key)}: ${jsonText(child, key)}`,
  );
  return `{${[...members, '"not_in_otlp": [{"x": null}]'].join(',\n ')}}`;
}

function jsonLong(value: bigint): string {
  if (value % 3n === 0n) return `"${value}"`;
  if (value % 3n === 1n) return `${value}`;
  const words = BigInt.asUintN(64, value);
  return `{"low":${BigInt.asIntN(32, words)},"high":${BigInt.asIntN(32, words >> 32n)},"unsigned":${value > 0n}}`;
}

function jsonNumber(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

const damage = fc.array(
  fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), insert: fc.uint8Array({ maxLength: 3 }) }),
  { minLength: 1, maxLength: 3 },
);

const SIGNALS = ['traces', 'metrics', 'logs'] as const;
const CASES = SIGNALS.flatMap((signal) =>
  (['javascript', 'webassembly'] as const).map((engine) => ({ signal, engine })),
);

describe.each(CASES)('$signal in $engine', { timeout: 60_000 }, ({ signal, engine }) => {
  const requests = randomRequests(signal);
  const type = TYPES[signal];
  const newDecoder = (): ReturnType<typeof createDecoder> =>
    createDecoder({ ...ENGINES[engine], maxDictionaryEntries: 500 });

  it('decodes what protobufjs decodes', () => {
    const decoder = newDecoder();
    check(
      fc.property(requests, (request) => {
        const bytes = encodeRequest(type, request);
        const decoded = decoder.decode(signal, bytes);
        expect(decoded).not.toHaveProperty('undecodable');
        expect(disagreement(type, signal, bytes, decoded)).toBeUndefined();
      }),
      RUNS,
    );
    expect(decoder.fallbacks).toBe(0);
  });

  it('agrees with protobufjs on damaged bytes', () => {
    const decoder = newDecoder();
    let compared = 0;
    check(
      fc.property(requests, damage, (request, edits) => {
        const bytes = applyDamage(encodeRequest(type, request), edits);
        const decoded = decoder.decode(signal, bytes);
        expect(disagreement(type, signal, bytes, decoded)).toBeUndefined();
        if (!('undecodable' in decoded)) compared++;
      }),
      3 * RUNS,
    );
    expect(compared).toBeGreaterThan(RUNS / 10);
    expect(decoder.fallbacks).toBe(0);
  });

  it('reads nothing outside the bytes it is given', () => {
    check(
      fc.property(requests, fc.uint8Array({ maxLength: 40 }), fc.nat(), (request, around, cut) => {
        const whole = encodeRequest(type, request);
        const bytes = whole.subarray(0, whole.length === 0 ? 0 : cut % (whole.length + 1));
        const framed = new Uint8Array(around.length + bytes.length + around.length);
        framed.set(around);
        framed.set(bytes, around.length);
        framed.set(around, around.length + bytes.length);
        const inFrame = framed.subarray(around.length, around.length + bytes.length);
        const [left, right] = [newDecoder(), newDecoder()];
        // What a longer request left in the decoder's memory is outside too.
        for (const decoder of [left, right]) decoder.decode(signal, whole);
        expect(
          differenceBetween(left.decode(signal, inFrame), right.decode(signal, Uint8Array.from(bytes))),
        ).toBeUndefined();
      }),
      RUNS / 3,
    );
  });
});

describe.each(SIGNALS)('%s', { timeout: 60_000 }, (signal) => {
  const requests = randomRequests(signal);
  const type = TYPES[signal];
  const bounds = { maxDictionaryEntries: 500 };

  it('come out of both engines alike, down to the codes, whole or damaged', () => {
    const javascript = createDecoder(bounds);
    const webassembly = createDecoder({ ...bounds, ...ENGINES.webassembly });
    check(
      fc.property(requests, damage, fc.boolean(), (request, edits, isWhole) => {
        const whole = encodeRequest(type, request);
        const bytes = isWhole ? whole : applyDamage(whole, edits);
        const expected = javascript.decode(signal, bytes);
        expect(differenceBetween(webassembly.decode(signal, bytes), expected)).toBeUndefined();
      }),
      3 * RUNS,
    );
    expect(webassembly.fallbacks).toBe(0);
  });

  it('decodes OTLP/JSON to the same rows as protobuf', () => {
    const decoder = createDecoder(bounds);
    check(
      fc.property(requests, (request) => {
        const json = new TextEncoder().encode(jsonText(request));
        const wire = jsonToWire(signal, json);
        if ('undecodable' in wire) throw new Error(wire.reason);
        expect(rowsOf(readable(decoder.decode(signal, wire)))).toEqual(
          rowsOf(readable(decoder.decode(signal, encodeRequest(type, request)))),
        );
      }),
      RUNS,
    );
  });

  it('answers any JSON text with bytes or a reason', () => {
    const decoder = createDecoder(bounds);
    check(
      fc.property(requests, damage, (request, edits) => {
        const text = new TextEncoder().encode(jsonText(request));
        const json = applyDamage(text, edits);
        const wire = jsonToWire(signal, json);
        const isJson = isValidJson(json);
        if ('undecodable' in wire) {
          // Text that is JSON may still not be OTLP; that is said of the first place found wrong.
          expect(wire.reason).toMatch(isJson ? /At .+ \(byte \d+\): [^]+/ : /byte \d+/);
        } else {
          expect(isJson).toBe(true);
          expect(decoder.decode(signal, wire)).toHaveProperty('accepted');
        }
      }),
      3 * RUNS,
    );
  });
});

function readable(decoded: DecodedRequest | UndecodableRequest): DecodedRequest {
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  return decoded;
}

// --- damage

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

function applyDamage(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let damaged = bytes;
  for (const { at, remove, insert } of edits) {
    const start = at % (damaged.length + 1);
    const rest = damaged.subarray(start + remove);
    const edited = new Uint8Array(start + insert.length + rest.length);
    edited.set(damaged.subarray(0, start));
    edited.set(insert, start);
    edited.set(rest, start + insert.length);
    damaged = edited;
  }
  return damaged;
}

function isValidJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}
