import { ByteSink } from './byte-sink.ts';
import type { NativeColumn } from './column-sinks.ts';

const encoder = new TextEncoder();

function name(sink: ByteSink, text: string): void {
  const bytes = encoder.encode(text);
  sink.string(bytes, 0, bytes.length);
}

/** One block of ClickHouse's Native format, in pieces that are good until the columns take more. Leaves them empty. */
export function takeBlock(columns: readonly NativeColumn[], rowCount: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let head = new ByteSink();
  head.varint(columns.length);
  head.varint(rowCount);
  for (const column of columns) {
    name(head, column.name);
    name(head, column.type);
    head.append(column.prefix);
    parts.push(head.take(), ...column.take());
    head = new ByteSink();
  }
  return parts.filter(({ byteLength }) => byteLength > 0);
}
