import { ByteSink } from './byte-sink.ts';
import type { NativeColumn } from './column-sinks.ts';

export type ColumnType = 'UInt8' | 'UInt16' | 'Int32' | 'UInt32' | 'UInt64' | 'String' | 'Array(UInt64)';
/** Numbers are integers of up to 53 bits. */
export type Value = number | bigint | string | Uint8Array | readonly (number | bigint)[];

/** A column whose values come one by one: for rows that are few. */
export class ValueColumn implements NativeColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly prefix = new Uint8Array(0);
  private readonly ends = new ByteSink();
  private readonly sink = new ByteSink();
  private total = 0;

  constructor(name: string, type: ColumnType) {
    this.name = name;
    this.type = type;
  }

  append(value: Value): void {
    if (typeof value === 'string') this.appendBytes(Buffer.from(value, 'utf8'));
    else if (value instanceof Uint8Array) this.appendBytes(value);
    else if (typeof value === 'bigint') this.appendLong(value);
    else if (typeof value === 'number') this.appendNumber(value);
    else {
      for (const item of value) this.appendLong(item);
      this.total += value.length;
      this.ends.long(this.total);
    }
  }

  take(): Uint8Array[] {
    this.total = 0;
    return this.type === 'Array(UInt64)' ? [this.ends.take(), this.sink.take()] : [this.sink.take()];
  }

  private appendBytes(bytes: Uint8Array): void {
    this.sink.string(bytes, 0, bytes.length);
  }

  private appendLong(value: number | bigint): void {
    if (typeof value === 'number') {
      this.sink.long(value);
      return;
    }
    this.sink.word(Number(value & 0xffff_ffffn));
    this.sink.word(Number(value >> 32n));
  }

  private appendNumber(value: number): void {
    if (this.type === 'UInt64') this.appendLong(value);
    else if (this.type === 'Int32' || this.type === 'UInt32') this.sink.word(value >>> 0);
    else {
      this.sink.byte(value & 0xff);
      if (this.type === 'UInt16') this.sink.byte(value >>> 8);
    }
  }
}
