// Hot: once a row. Bench: bench/hot-query.
import { BodyKind, type Batch, type ServiceBatch } from '../../proto/columns/index.ts';
import { bodyText } from '../json/index.ts';
import type { RowTest } from './row-test.ts';
import type { TextMatcher } from './text-matcher.ts';

const encoder = new TextEncoder();

/** The text form of a log record's body; without a matcher: not empty. */
export class BodyTest implements RowTest {
  readonly cost = 50;
  private readonly matcher: TextMatcher | undefined;

  constructor(matcher: TextMatcher | undefined) {
    this.matcher = matcher;
  }

  refine({ batch }: ServiceBatch, mask: Uint8Array, rows: number): number {
    const logs = batch as Batch<'logs'>;
    const { bodyKind, body } = logs.columns;
    const { offsets, bytes } = body;
    let left = 0;
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      const passes =
        bodyKind[row] === BodyKind.text
          ? this.passes(bytes, offsets[row] ?? 0, offsets[row + 1] ?? 0)
          : this.passesOther(logs, row);
      left += mask[row] = Number(passes);
    }
    return left;
  }

  private passesOther(logs: Batch<'logs'>, row: number): boolean {
    const text = encoder.encode(bodyText(logs, row));
    return this.passes(text, 0, text.length);
  }

  private passes(bytes: Uint8Array, start: number, end: number): boolean {
    return this.matcher?.matches(bytes, start, end) ?? start < end;
  }
}
