import { describe, expect, it } from 'vitest';
import { tailTopic } from './tail-topic.ts';

describe('tailTopic', () => {
  it('says what the filter says, and nothing of what it does not understand', () => {
    const form = { kind: '', service: '', line: '', errors: '', severity: '', min: '' };
    expect(tailTopic(form)).toEqual({ kind: 'spans' });
    expect(tailTopic({ ...form, service: 'a', line: 'x', errors: '1', min: '20ms', severity: '17' })).toEqual(
      {
        kind: 'spans',
        service: 'a',
        q: 'x',
        errorsOnly: true,
        minDurationMs: 20,
      },
    );
    expect(tailTopic({ ...form, kind: 'logs', severity: '17' })).toEqual({ kind: 'logs', minSeverity: 17 });
    expect(tailTopic({ ...form, kind: 'logs', severity: '99', errors: '1' })).toEqual({ kind: 'logs' });
  });
});
