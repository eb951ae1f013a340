import { describe, expect, it } from 'vitest';
import type { DecodedRequest, RejectionReason, WarningReason } from '../../proto/columns/index.ts';
import { rejectionMessage } from './rejection-message.ts';

const decoded = (
  rejections: readonly (readonly [RejectionReason, number])[],
  warnings: readonly (readonly [WarningReason, number])[] = [],
): DecodedRequest => ({
  signal: 'traces',
  batches: [],
  accepted: 3,
  rejected: rejections.reduce((sum, [, count]) => sum + count, 0),
  rejections: new Map(rejections),
  warnings: new Map(warnings),
});

describe('rejectionMessage', () => {
  it('says nothing of a full success', () => {
    expect(rejectionMessage(decoded([]))).toBe('');
  });

  it('counts each reason, with what was expected', () => {
    expect(
      rejectionMessage(
        decoded([
          ['trace-id-invalid', 2],
          ['name-missing', 1],
        ]),
      ),
    ).toBe(
      '3 of 6 spans rejected: 2 trace-id-invalid (a trace id has 16 bytes, not all zero), 1 name-missing (a span has a name)',
    );
  });

  it('R7: warns of what accepted items lost, alone or behind rejections', () => {
    const warning =
      'accepted without some of their fields: 4 string-index-ignored (string indexes are for profiles; send the text)';
    expect(rejectionMessage(decoded([], [['string-index-ignored', 4]]))).toBe(warning);
    expect(rejectionMessage(decoded([['name-missing', 1]], [['string-index-ignored', 4]]))).toBe(
      `1 of 4 spans rejected: 1 name-missing (a span has a name). ${warning}`,
    );
  });
});
