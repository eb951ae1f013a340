import { describe, expect, it } from 'vitest';
import { LAYOUTS, SIGNALS, type Layout } from '../../proto/columns/index.ts';
import { BatchBuilder, columnsByName, DictionaryGeneration } from './index.ts';

const dictionary = new DictionaryGeneration().snapshot();

/** Every typed array of a column. */
function arraysOf(column: unknown): ArrayBufferView[] {
  if (ArrayBuffer.isView(column)) return [column];
  return Object.values(column as object).flatMap(arraysOf);
}

function arrayCount(layout: Layout): number {
  switch (layout.kind) {
    case 'binary':
      return 2;
    case 'list':
      return 1 + arrayCount(layout.item);
    case 'struct':
      return Object.values(layout.fields).reduce((sum, field) => sum + arrayCount(field), 0);
    default:
      return 1;
  }
}

describe('BatchBuilder', () => {
  it.each(SIGNALS)('packs every column of the %s layout', (signal) => {
    const builder = new BatchBuilder(signal);
    builder.commit();
    const batch = builder.publish(dictionary);
    const layout = { kind: 'struct', fields: LAYOUTS[signal] } as const;
    expect(arraysOf(columnsByName(batch))).toHaveLength(arrayCount(layout));
  });

  it('packs into one buffer, and columns of zeros into one that all batches share', () => {
    const builder = new BatchBuilder('traces');
    builder.columns.kind.set(0, 3);
    builder.columns.name.set(0, 0);
    builder.columns.flags.set(0, 1);
    builder.commit();
    builder.commit();
    const batch = builder.publish(dictionary);
    expect(batch.columns.kind.buffer).toBe(batch.buffer);
    expect(batch.columns.flags.buffer).toBe(batch.buffer);
    expect(batch.buffer.byteLength).toBe(16);
    expect([...batch.columns.kind]).toEqual([3, 0]);
    expect([...batch.columns.flags]).toEqual([1, 0]);
    expect(batch.columns.name.buffer).toBe(batch.columns.traceId.buffer);
    expect([...batch.columns.name]).toEqual([0, 0]);
    expect([...batch.columns.events.offsets]).toEqual([0, 0, 0]);
    builder.commit();
    expect(builder.publish(dictionary).columns.kind.buffer).toBe(batch.columns.name.buffer);
  });

  it('aligns every region to 8 bytes', () => {
    const builder = new BatchBuilder('logs');
    for (let row = 0; row < 3; row++) {
      builder.columns.severityNumber.set(row, 9);
      builder.columns.body.add(row, Uint8Array.of(1, 2, 3), 0, 3);
      builder.columns.timeUnixNano.setLong(row, row + 1, 0);
      builder.columns.attributes.items.set(builder.columns.attributes.push(row), 7);
      builder.commit();
    }
    const batch = builder.publish(dictionary);
    for (const array of arraysOf(columnsByName(batch))) expect(array.byteOffset % 8).toBe(0);
    expect([...batch.columns.body.offsets]).toEqual([0, 3, 6, 9]);
    expect([...batch.columns.body.bytes]).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
    expect([...batch.columns.attributes.items]).toEqual([7, 7, 7]);
  });

  it('leaves nothing of a discarded row, however deep', () => {
    const builder = new BatchBuilder('traces');
    const { events, attributes, durationNano } = builder.columns;
    const fill = (row: number, marks: number): void => {
      durationNano.setLong(row, marks, marks);
      for (let mark = 1; mark <= marks; mark++) {
        attributes.items.set(attributes.push(row), mark);
        const event = events.push(row);
        events.items.fields.name.set(event, mark);
        const inner = events.items.fields.attributes;
        inner.items.set(inner.push(event), mark);
      }
    };
    fill(0, 2);
    builder.commit();
    fill(1, 5);
    builder.discard();
    builder.commit();
    fill(2, 1);
    builder.commit();
    fill(3, 9);
    builder.discard();
    const { columns, rowCount } = builder.publish(dictionary);
    expect(rowCount).toBe(3);
    expect([...columns.durationNano]).toEqual([0x200000002n, 0n, 0x100000001n]);
    expect([...columns.attributes.offsets]).toEqual([0, 2, 2, 3]);
    expect([...columns.attributes.items]).toEqual([1, 2, 1]);
    expect([...columns.events.offsets]).toEqual([0, 2, 2, 3]);
    expect([...columns.events.items.name]).toEqual([1, 2, 1]);
    expect([...columns.events.items.attributes.offsets]).toEqual([0, 1, 2, 3]);
    expect([...columns.events.items.attributes.items]).toEqual([1, 2, 1]);
  });

  it('begins each batch with clean memory and leaves the last one alone', () => {
    const builder = new BatchBuilder('metrics');
    for (let row = 0; row < 500; row++) {
      builder.columns.doubleValue.setLong(row, row, row);
      builder.columns.bucketCounts.items.setLong(builder.columns.bucketCounts.push(row), row, 0);
      builder.commit();
    }
    const first = builder.publish(dictionary);
    const before = [...first.columns.bucketCounts.items];
    for (let row = 0; row < 500; row++) {
      if (row === 499) builder.columns.doubleValue.setLong(row, 1, 1);
      builder.commit();
    }
    const second = builder.publish(dictionary);
    expect([...second.columns.doubleValue.slice(0, 499)].every((value) => value === 0)).toBe(true);
    expect(second.columns.bucketCounts.items).toHaveLength(0);
    expect([...first.columns.bucketCounts.items]).toEqual(before);
  });

  it('overwrites with zero what it wrote before in the same row', () => {
    const builder = new BatchBuilder('logs');
    builder.columns.flags.set(0, 5);
    builder.columns.flags.set(0, 0);
    builder.columns.severityNumber.set(0, 5);
    builder.columns.severityNumber.set(0, 0);
    builder.columns.timeUnixNano.setLong(0, 1, 1);
    builder.columns.timeUnixNano.setLong(0, 0, 0);
    builder.commit();
    const { columns } = builder.publish(dictionary);
    expect([columns.flags[0], columns.severityNumber[0], columns.timeUnixNano[0]]).toEqual([0, 0, 0n]);
  });

  it('knows the time range, by the observed time where there is no other', () => {
    const builder = new BatchBuilder('logs');
    const times = [5n, 0n, 2n ** 63n, 0xffffffffn];
    times.forEach((time, row) => {
      builder.columns.timeUnixNano.setLong(row, Number(time & 0xffffffffn), Number(time >> 32n));
      if (row === 1) builder.columns.observedTimeUnixNano.setLong(row, 3, 0);
      builder.commit();
    });
    const { minTimeUnixNano, maxTimeUnixNano } = builder.publish(dictionary);
    expect([minTimeUnixNano, maxTimeUnixNano]).toEqual([3n, 2n ** 63n]);
    const empty = builder.publish(dictionary);
    expect([empty.rowCount, empty.minTimeUnixNano, empty.maxTimeUnixNano]).toEqual([0, 0n, 0n]);
  });
});
