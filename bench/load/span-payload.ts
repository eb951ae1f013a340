import { randomFillSync } from 'node:crypto';
import { loadRequestTypes } from '../../workers/reference/index.ts';

/** An export request that can be sent again and again, each time with ids of its own. */
export interface SpanPayload {
  readonly spanCount: number;
  /** The same bytes each time, with new ids and times written into them. */
  next(): Buffer;
}

interface PatchPlaces {
  readonly traceIds: readonly number[];
  readonly spanIds: readonly number[];
  readonly startTimes: readonly number[];
  readonly endTimes: readonly number[];
}

const SPANS_A_TRACE = 20;

/** `spanCount` spans of `attributeCount` attributes, about 450 bytes a span with ten. */
export async function createSpanPayload(
  service: string,
  spanCount: number,
  attributeCount = 10,
): Promise<SpanPayload> {
  const { traces } = await loadRequestTypes();
  const spans = Array.from({ length: spanCount }, (_, index) => span(index, attributeCount));
  const bytes = Buffer.from(
    traces
      .encode({
        resourceSpans: [
          {
            resource: {
              attributes: [
                text('service.name', service),
                text('service.version', '1.4.2'),
                text('host.name', 'node-7'),
              ],
            },
            scopeSpans: [{ scope: { name: 'bench', version: '1' }, spans }],
          },
        ],
      })
      .finish(),
  );
  const places = placesOf(bytes, spanCount);
  return {
    spanCount,
    next() {
      const copy = Buffer.from(bytes);
      patch(copy, places);
      return copy;
    },
  };
}

const ROUTES = ['/cart', '/checkout', '/products/:id', '/search', '/login', '/orders/:id'];
const MARK = 0xa5;

function span(index: number, attributeCount: number): object {
  return {
    traceId: Buffer.alloc(16, MARK),
    spanId: Buffer.alloc(8, MARK + 1),
    ...(index % SPANS_A_TRACE === 0
      ? {}
      : { parentSpanId: Buffer.from([1, 2, 3, 4, 5, 6, 7, 1 + (index % 200)]) }),
    name: `GET ${ROUTES[index % ROUTES.length] ?? ''}`,
    kind: 1 + (index % 5),
    startTimeUnixNano: MARK_START,
    endTimeUnixNano: MARK_END,
    status: { code: index % 50 === 0 ? 2 : 0 },
    attributes: Array.from({ length: attributeCount }, (_, i) => attribute(index, i)),
  };
}

/** Ten keys: four that never change, four of few values, two of many. */
function attribute(index: number, i: number): object {
  if (i < 4) return text(`constant.key.${i}`, 'a value that is the same everywhere');
  if (i < 8) return text(`few.values.${i}`, `value ${(index * 7 + i) % 12}`);
  return { key: `many.values.${i}`, value: { intValue: (index * 31 + i) % 5_000 } };
}

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

// Eight bytes that occur nowhere else, so that the places to write times to are found by looking for them.
const MARK_START = { low: 0x71717171, high: 0x71717171, unsigned: true };
const MARK_END = { low: 0x72727272, high: 0x72727272, unsigned: true };

function placesOf(bytes: Buffer, spanCount: number): PatchPlaces {
  const all = (needle: Buffer): number[] => {
    const found: number[] = [];
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) {
      found.push(at);
    }
    if (found.length !== spanCount) throw new Error(`found ${found.length} places for ${spanCount} spans`);
    return found;
  };
  return {
    traceIds: all(Buffer.alloc(16, MARK)),
    spanIds: all(Buffer.alloc(8, MARK + 1)),
    startTimes: all(Buffer.alloc(8, 0x71)),
    endTimes: all(Buffer.alloc(8, 0x72)),
  };
}

function patch(bytes: Buffer, { traceIds, spanIds, startTimes, endTimes }: PatchPlaces): void {
  const random = Buffer.allocUnsafe(spanIds.length * 8 + Math.ceil(traceIds.length / SPANS_A_TRACE) * 16);
  randomFillSync(random);
  const nowNano = BigInt(Date.now()) * 1_000_000n;
  const startNano = nowNano - 20_000_000n;
  for (let i = 0; i < spanIds.length; i += 1) {
    random.copy(bytes, spanIds[i], i * 8, i * 8 + 8);
    const trace = spanIds.length * 8 + Math.floor(i / SPANS_A_TRACE) * 16;
    random.copy(bytes, traceIds[i], trace, trace + 16);
    bytes.writeBigUInt64LE(startNano + BigInt(i * 1_000), startTimes[i]);
    bytes.writeBigUInt64LE(startNano + BigInt(i * 2_000 + (random[i] ?? 0) * 50_000), endTimes[i]);
  }
}
