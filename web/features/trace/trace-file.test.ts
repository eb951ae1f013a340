import { describe, expect, it } from 'vitest';
import { checkoutTrace, TRACE_ID } from '../../e2e/platform-data.ts';
import { readTrace, textOfTrace } from './trace-file.ts';

const TRACE = { traceId: TRACE_ID, spans: checkoutTrace(1_767_225_600_000), more: false };

describe('a trace in a file', () => {
  it('is read as it was written, to the last digit', () => {
    expect(readTrace(textOfTrace(TRACE))).toEqual(TRACE);
    const cut = { ...TRACE, more: true };
    expect(readTrace(textOfTrace(cut))).toEqual(cut);
  });

  it('is whole where the file does not say', () => {
    const { traceId, spans } = TRACE;
    expect(readTrace(JSON.stringify({ traceId, spans }))).toEqual(TRACE);
  });

  it.each([
    ['{', 'not JSON'],
    ['null', 'holds no trace'],
    ['{"traceId":"a","spans":[]}', 'holds no trace'],
    ['{"traceId":"a","spans":[{}]}', 'spans[0] is no span'],
    [textOfTrace(TRACE).replace(/"startTimeUnixNano": "\d+"/, '"startTimeUnixNano": "soon"'), 'spans[0]'],
  ])('%#: is refused with what was expected', (text, message) => {
    expect(() => readTrace(text)).toThrow(message);
  });
});
