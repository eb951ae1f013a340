import { randomFillSync, randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadDecoderModule, loadRequestTypes } from '../reference/index.ts';
import { createDecoder, type Decoder } from './index.ts';

const { traces } = await loadRequestTypes();
const module = await loadDecoderModule();

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

function spansNamed(...names: string[]): Uint8Array {
  const spans = names.map((name) => ({
    traceId: new Uint8Array(16).fill(1),
    spanId: new Uint8Array(8).fill(2),
    name,
    attributes: [text('session.id', name)],
  }));
  return traces.encode({ resourceSpans: [{ scopeSpans: [{ spans }] }] }).finish();
}

function acceptedBy(decoder: Decoder, bytes: Uint8Array, signal: 'traces' | 'logs' = 'traces'): number {
  const decoded = decoder.decode(signal, bytes);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  return decoded.accepted;
}

/** `count` log records of which nothing is set: two bytes each. */
function emptyRecords(count: number): Uint8Array {
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
  const scope = [0x12, ...varint(2 * count)];
  const owner = [0x0a, ...varint(scope.length + 2 * count), ...scope];
  const bytes = new Uint8Array(owner.length + 2 * count).fill(0);
  for (let at = owner.length; at < bytes.length; at += 2) bytes[at] = 0x12;
  bytes.set(owner);
  return bytes;
}

describe('what WebAssembly cannot take', () => {
  it('is decoded in JavaScript when it traps, and the next request has a new instance', () => {
    const decoder = createDecoder({ module });
    expect(acceptedBy(decoder, spansNamed('a'))).toBe(1);
    const { generation } = decoder as unknown as { generation: { instance: { exports: object } } };
    generation.instance.exports = {
      ...generation.instance.exports,
      decode: () => {
        throw new WebAssembly.RuntimeError('unreachable');
      },
    };
    expect(acceptedBy(decoder, spansNamed('a', 'b'))).toBe(2);
    expect(decoder.fallbacks).toBe(1);
    expect(acceptedBy(decoder, spansNamed('a', 'b', 'c'))).toBe(3);
    expect(decoder.fallbacks).toBe(1);
  });

  it('is decoded in JavaScript when its rows do not fit', () => {
    const decoder = createDecoder({ module });
    const count = 8_000_000;
    expect(acceptedBy(decoder, emptyRecords(count), 'logs')).toBe(count);
    expect(decoder.fallbacks).toBe(1);
    expect(acceptedBy(decoder, emptyRecords(1000), 'logs')).toBe(1000);
    expect(decoder.fallbacks).toBe(1);
  });

  it('goes to JavaScript when it is larger than the memory is meant for', () => {
    const decoder = createDecoder({ module });
    const decoded = decoder.decode('traces', new Uint8Array(128 * 1024 * 1024 + 1));
    expect(decoded).toMatchObject({
      undecodable: true,
      reason: expect.stringMatching(/the number 0/) as string,
    });
    expect(decoder.fallbacks).toBe(1);
  });
});

describe('an instance whose memory has grown large', () => {
  it('is let go', () => {
    const decoder = createDecoder({ module });
    const memoryBytes = (): number =>
      (decoder as unknown as { generation: { instance: { memoryBytes: number } } }).generation.instance
        .memoryBytes;
    expect(acceptedBy(decoder, emptyRecords(2_000_000), 'logs')).toBe(2_000_000);
    expect(memoryBytes()).toBeGreaterThan(128 * 1024 * 1024);
    expect(acceptedBy(decoder, spansNamed('a'))).toBe(1);
    expect(memoryBytes()).toBeLessThan(16 * 1024 * 1024);
    expect(decoder.fallbacks).toBe(0);
  });
});

describe.each(['javascript', 'webassembly'] as const)('a stream of ever new values in %s', (engine) => {
  const SPANS = 500;
  const REQUESTS = 400;
  const MARK = '-'.repeat(36);
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  /** Buffers are freed by another thread, some time after the collection that found them unused. */
  async function heldBytes(): Promise<number> {
    let least = Infinity;
    for (let attempt = 0; attempt < 5; attempt++) {
      collectGarbage();
      await setTimeout(20);
      const { heapUsed, external, arrayBuffers } = process.memoryUsage();
      least = Math.min(least, heapUsed + external + arrayBuffers);
    }
    return least;
  }

  it('keeps memory flat', async () => {
    const decoder = createDecoder({
      ...(engine === 'webassembly' ? { module } : {}),
      maxDictionaryEntries: 4_000,
    });
    const bytes = Buffer.from(spansNamed(...Array.from({ length: SPANS }, () => `GET /orders/${MARK}`)));
    const places: number[] = [];
    for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + MARK.length)) places.push(at);
    expect(places).toHaveLength(2 * SPANS);
    const ids = new Set<number>();
    const send = (requests: number): void => {
      for (let request = 0; request < requests; request++) {
        for (const place of places) bytes.write(randomUUID(), place, 'latin1');
        const decoded = decoder.decode('traces', bytes);
        if ('undecodable' in decoded) throw new Error(decoded.reason);
        expect(decoded.accepted).toBe(SPANS);
        ids.add(decoded.batches[0]?.batch.dictionary.id ?? -1);
      }
    };
    send(REQUESTS / 8);
    const early = await heldBytes();
    send(REQUESTS);
    const grownBytes = (await heldBytes()) - early;
    // 1,000 new entries a request, and a generation of 4,000 and what one request adds.
    expect(ids.size).toBeGreaterThan(REQUESTS / 8);
    const sentBytes = REQUESTS * 2 * SPANS * MARK.length;
    expect(grownBytes).toBeLessThan(sentBytes / 4);
    expect(decoder.fallbacks).toBe(0);
  });
});

describe('hashing', () => {
  it('tells long values apart that differ in one byte anywhere', () => {
    const decoder = createDecoder({ module });
    const base = randomFillSync(new Uint8Array(2_100)).map((byte) => 0x61 + (byte % 26));
    const names = Array.from({ length: 300 }, (_, index) => {
      const changed = Uint8Array.from(base);
      changed[index * 7] = 0x41;
      return new TextDecoder().decode(changed);
    });
    const decoded = decoder.decode('traces', spansNamed(...names, ...names));
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    const codes = decoded.batches[0]?.batch.columns.name ?? [];
    expect(new Set(codes).size).toBe(300);
    expect([...codes.slice(0, 300)]).toEqual([...codes.slice(300)]);
  });
});
