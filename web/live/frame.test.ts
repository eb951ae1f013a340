import { describe, expect, it } from 'vitest';
import { LOG_TAIL_COLUMNS, RED_COLUMNS, SPAN_TAIL_COLUMNS } from '../../proto/live/index.ts';
import { encodeFrame } from '../e2e/frames.ts';
import { redFrame } from '../e2e/red-rows.ts';
import { decodeFrame, FrameUnreadable } from './frame.ts';
import { readLogTail, readSpanTail } from './tail-rows.ts';

const bytesOf = (frame: Uint8Array): ArrayBuffer => Uint8Array.from(frame).buffer;
const head = { topicKey: 'overview', sequence: '1767225600123', mode: 'change' } as const;

describe('decodeFrame', () => {
  it('reads head and columns of a frame that apache-arrow wrote', () => {
    const rows = [
      { service: 'a', second: 1_767_225_600, requests: 7, errors: 1, p95Ms: 12.5 },
      { service: 'b', second: 1_767_225_600, requests: 4_294_967_295 },
      { service: 'a', second: 1_767_225_601, requests: 0 },
    ];
    const frame = decodeFrame(bytesOf(redFrame(rows, { ...head, dropped: '4' })));
    expect(frame).toMatchObject({ ...head, sequence: 1_767_225_600_123, rowCount: 3, dropped: 4 });
    expect(Array.from(frame.strings('service'))).toEqual(['a', 'b', 'a']);
    expect(Array.from(frame.numbers('second'))).toEqual([
      1_767_225_600_000, 1_767_225_600_000, 1_767_225_601_000,
    ]);
    expect(Array.from(frame.numbers('requests'))).toEqual([7, 4_294_967_295, 0]);
    expect(frame.numbers('p95Ms')[0]).toBeCloseTo(12.5);
  });

  it('reads a frame without rows', () => {
    const frame = decodeFrame(bytesOf(encodeFrame(RED_COLUMNS, [], { ...head, mode: 'snapshot' })));
    expect(frame).toMatchObject({ rowCount: 0, mode: 'snapshot' });
    expect(frame.strings('service')).toHaveLength(0);
  });

  it('reads span and log tails', () => {
    const span = {
      traceId: 'ab'.repeat(16),
      spanId: 'cd'.repeat(8),
      service: '~~cart',
      name: 'GET /ü',
      kind: 2,
      statusCode: 2,
      startTimeUnixNano: '1767225600123456789',
      durationMs: 1.25,
      statusMessage: 'no',
    };
    const log = {
      timeUnixNano: '18446744073709551615',
      service: '~~cart',
      severityNumber: 17,
      severityText: 'ERROR',
      body: 'line\nbreak',
      traceId: '',
      spanId: '',
    };
    const { kind, ...rest } = span;
    expect(readSpanTail(decodeFrame(bytesOf(encodeFrame(SPAN_TAIL_COLUMNS, [span], head))))).toEqual([
      {
        kind: 'span',
        spanKind: kind,
        timeUnixNano: span.startTimeUnixNano,
        traceId: rest.traceId,
        spanId: rest.spanId,
        service: rest.service,
        name: rest.name,
        statusCode: rest.statusCode,
        durationMs: rest.durationMs,
        statusMessage: rest.statusMessage,
      },
    ]);
    expect(readLogTail(decodeFrame(bytesOf(encodeFrame(LOG_TAIL_COLUMNS, [log], head))))).toEqual([
      { kind: 'log', ...log },
    ]);
  });

  it.each([
    [
      'bytes that are no Arrow',
      new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]),
      /not an Arrow IPC stream|has no topicKey/,
    ],
    ['a frame without topic', redFrame([], { mode: 'change', sequence: '1' } as never), /no topicKey/],
    ['a sequence that is no number', redFrame([], { ...head, sequence: 'x' }), /no numeric sequence/],
    [
      'an unknown mode',
      redFrame([], { ...head, mode: 'delta' as never }),
      /mode delta, expected snapshot or change/,
    ],
  ])('refuses %s and says why', (_, bytes, reason) => {
    expect(() => decodeFrame(bytesOf(bytes))).toThrow(FrameUnreadable);
    expect(() => decodeFrame(bytesOf(bytes))).toThrow(reason);
  });

  it('names a column that is missing', () => {
    const frame = decodeFrame(bytesOf(encodeFrame({ service: 'category' }, [{ service: 'a' }], head)));
    expect(() => frame.numbers('second')).toThrow('lacks the column second');
  });
});
