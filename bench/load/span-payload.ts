import { randomFillSync } from 'node:crypto';
import { loadRequestTypes } from '../../workers/reference/index.ts';

/** An export request that can be sent again and again, each time with ids of its own. */
export interface SpanPayload {
  readonly spanCount: number;
  /**
   * The same bytes each time, with new ids and times written into them. A buffer is used again after `KEPT_BUFFERS`
   * more calls: the generator must cost little beside what it measures.
   */
  next(): Buffer;
}

interface PatchPlaces {
  readonly traceIds: readonly number[];
  readonly spanIds: readonly number[];
  /** Of all spans but the first of each trace. */
  readonly parentIds: readonly number[];
  readonly startTimes: readonly number[];
  readonly endTimes: readonly number[];
}

const SPANS_A_TRACE = 20;
/** More than any generator has requests under way. */
const KEPT_BUFFERS = 64;

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
  const buffers = Array.from({ length: KEPT_BUFFERS }, () => {
    const buffer = Buffer.from(bytes);
    return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, buffer.length) };
  });
  const random = new Uint32Array(spanCount * 2 + Math.ceil(spanCount / SPANS_A_TRACE) * 4);
  let used = 0;
  return {
    spanCount,
    next() {
      const kept = buffers[used++ % KEPT_BUFFERS];
      if (!kept) throw new Error('no buffer');
      randomFillSync(random);
      patch(kept.view, places, random);
      return kept.buffer;
    },
  };
}

const ROUTES = ['/cart', '/checkout', '/products/:id', '/search', '/login', '/orders/:id'];
const MARK = 0xa5;

function span(index: number, attributeCount: number): object {
  return {
    traceId: Buffer.alloc(16, MARK),
    spanId: Buffer.alloc(8, MARK + 1),
    ...(index % SPANS_A_TRACE === 0 ? {} : { parentSpanId: Buffer.alloc(8, MARK + 2) }),
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
  const all = (needle: Buffer, count = spanCount): number[] => {
    const found: number[] = [];
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) {
      found.push(at);
    }
    if (found.length !== count) throw new Error(`found ${found.length} places for ${count} spans`);
    return found;
  };
  return {
    traceIds: all(Buffer.alloc(16, MARK)),
    spanIds: all(Buffer.alloc(8, MARK + 1)),
    parentIds: all(Buffer.alloc(8, MARK + 2), spanCount - Math.ceil(spanCount / SPANS_A_TRACE)),
    startTimes: all(Buffer.alloc(8, 0x71)),
    endTimes: all(Buffer.alloc(8, 0x72)),
  };
}

function patch(view: DataView, places: PatchPlaces, random: Uint32Array): void {
  const { traceIds, spanIds, startTimes, endTimes } = places;
  const traceWords = 2 * spanIds.length;
  const startNano = BigInt(Date.now() - 20) * 1_000_000n;
  const high = Number(startNano >> 32n);
  const low = Number(startNano & 0xffff_ffffn);
  const setTime = (at: number, plusNano: number): void => {
    const sum = low + plusNano;
    view.setUint32(at, sum >>> 0, true);
    view.setUint32(at + 4, sum < 2 ** 32 ? high : high + 1, true);
  };
  for (let i = 0; i < spanIds.length; i += 1) {
    const spanWord = random[2 * i] ?? 0;
    const spanAt = spanIds[i] ?? 0;
    view.setUint32(spanAt, spanWord, true);
    view.setUint32(spanAt + 4, random[2 * i + 1] ?? 0, true);
    const traceAt = traceIds[i] ?? 0;
    const traceWord = traceWords + 4 * Math.floor(i / SPANS_A_TRACE);
    for (let word = 0; word < 4; word += 1) {
      view.setUint32(traceAt + 4 * word, random[traceWord + word] ?? 0, true);
    }
    setTime(startTimes[i] ?? 0, i * 1_000);
    setTime(endTimes[i] ?? 0, i * 2_000 + (spanWord & 0xff) * 50_000);
  }
  patchParents(view, places, random);
}

/** A span's parent is the one before it: a trace is a chain of calls. */
function patchParents(view: DataView, { spanIds, parentIds }: PatchPlaces, random: Uint32Array): void {
  let found = 0;
  for (let i = 0; i < spanIds.length; i += 1) {
    if (i % SPANS_A_TRACE === 0) continue;
    const parentAt = parentIds[found++] ?? 0;
    view.setUint32(parentAt, random[2 * i - 2] ?? 0, true);
    view.setUint32(parentAt + 4, random[2 * i - 1] ?? 0, true);
  }
}
