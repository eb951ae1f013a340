import { describe, expect, it } from 'vitest';
import { mostWorthwhile } from './most-worthwhile.ts';
import type { Advice } from './tip-json.ts';
import { serviceJson } from './words.ts';

function advice(key: string, weight: number, rest: Partial<Advice> = {}): Advice {
  return {
    ...{ key, weight, kind: 'tip', severity: 'info', title: key, explanation: '', score: 1 },
    ...{ service: serviceJson('shop'), services: [], evidence: [] },
    ...{ rootCauses: [], saturation: null, tip: { category: 'serial-calls', saving: 1, savingUnit: 'ms' } },
    ...rest,
  };
}

const keysOf = (found: readonly Advice[]): string[] => found.map(({ key }) => key);

describe('the most worthwhile advice', () => {
  const many = Array.from({ length: 40 }, (_, at) => advice(String(at), at));

  it('is what saves most, ten of a category', () => {
    const slow = advice('slow', 0, { tip: { category: 'slow-statement', saving: null, savingUnit: 'ms' } });
    const said = keysOf(mostWorthwhile([...many, slow], () => false));
    expect(said).toEqual(['39', '38', '37', '36', '35', '34', '33', '32', '31', '30', 'slow']);
  });

  it('keeps what is said already while it is among twenty', () => {
    const said = keysOf(mostWorthwhile(many, ({ key }) => key === '20' || key === '19'));
    expect(said).toHaveLength(11);
    expect(said).toContain('20');
  });

  it('has everything that is more than a matter of economy', () => {
    const warnings = many.map((each) => ({ ...each, severity: 'warning' as const }));
    const forecasts = many.map((each) => ({ ...each, kind: 'forecast' as const, tip: null }));
    expect(mostWorthwhile([...warnings, ...forecasts], () => false)).toHaveLength(80);
  });
});
