import { tableFromIPC } from '@uwdata/flechette';
import { describe, expect, it } from 'vitest';
import { RED_COLUMNS, SPAN_TAIL_COLUMNS } from '../../proto/live/index.ts';
import { emptyFrame, encodeFrame } from './encode-frame.ts';

describe('encodeFrame', () => {
  it('writes frames that the browser reads back, head included', () => {
    const data = emptyFrame(SPAN_TAIL_COLUMNS);
    for (const n of [1, 2, 3]) {
      data.traceId.push(`trace ${n}`);
      data.spanId.push(`span ${n}`);
      data.service.push(n < 3 ? 'cart' : 'päyment');
      data.name.push('GET /');
      data.kind.push(n);
      data.statusCode.push(0);
      data.startTimeUnixNano.push('1758000000123456789');
      data.durationMs.push(n / 3);
      data.statusMessage.push('');
    }
    const bytes = encodeFrame(SPAN_TAIL_COLUMNS, data, 3, {
      topicKey: 'k',
      sequence: '42',
      mode: 'change',
      dropped: '7',
    });
    const table = tableFromIPC(bytes);
    expect(Object.fromEntries(table.schema.metadata ?? [])).toEqual({
      topicKey: 'k',
      sequence: '42',
      mode: 'change',
      dropped: '7',
    });
    expect(table.getChild('service').toArray()).toEqual(['cart', 'cart', 'päyment']);
    expect([...table.getChild('durationMs').toArray()]).toEqual(data.durationMs);
    expect(table.getChild('startTimeUnixNano').at(2)).toBe('1758000000123456789');
    expect(table.numRows).toBe(3);
  });

  it('writes a frame without rows', () => {
    const head = { topicKey: 'k', sequence: '1', mode: 'snapshot' } as const;
    const table = tableFromIPC(encodeFrame(RED_COLUMNS, emptyFrame(RED_COLUMNS), 0, head));
    expect(table.numRows).toBe(0);
    expect(table.names).toEqual(Object.keys(RED_COLUMNS));
  });
});
