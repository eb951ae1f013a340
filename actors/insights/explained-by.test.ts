import { describe, expect, it } from 'vitest';
import type { RootCauseJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { KnownCall } from '../../workers/topology/index.ts';
import { CallMap } from './call-map.ts';
import { isExplained } from './explained-by.ts';
import { Confirmations, takesTurn } from './later-trouble.ts';
import type { Trouble } from './symptom.ts';

type Node = KnownCall['from'];

const named = (name: string): string => `prod~~${name}`;
const node = (name: string): Node => ({ type: 'service', id: named(name), name });
const outside = (name: string): Node => ({ type: 'external', id: `external:${name}`, name });
const call = (from: Node, to: Node): KnownCall => ({ from, to });

/** The gateway calls cart and checkout; both call stock, and checkout calls payment, which calls a bank. */
const CALLS = new CallMap([
  call(node('gateway'), node('cart')),
  call(node('gateway'), node('checkout')),
  call(node('cart'), node('stock')),
  call(node('checkout'), node('stock')),
  call(node('checkout'), node('payment')),
  call(node('payment'), outside('bank')),
]);

const cause = (id: string, signal = 'errors', score = 1): RootCauseJson =>
  ({ service: { id }, signal, score }) as RootCauseJson;
const trouble = (name: string, signal: string, sinceMs = 180_000): Trouble =>
  ({
    serviceId: named(name),
    sinceMs,
    symptoms: [{ evidence: 20, series: { source: 'spans', signal, peer: '' } }],
  }) as unknown as Trouble;

/** One whose services wait for so long, ns. */
const opened = (rootCauses: readonly RootCauseJson[], waited = 0): Parameters<typeof isExplained>[0] => {
  const symptoms = waited === 0 ? [] : [{ series: { signal: 'latency', observed: waited } }];
  const members = new Map([[named('cart') as ServiceId, { symptoms } as unknown as Trouble]]);
  return { startedMs: 0, rootCauses, members };
};

describe('what begins later', () => {
  it.each([
    [
      'is the same at the same place',
      cause(named('stock')),
      trouble('stock', 'errors'),
      cause(named('stock')),
      true,
    ],
    [
      'comes from who is called',
      cause(named('stock')),
      trouble('cart', 'errors'),
      cause(named('cart')),
      true,
    ],
    [
      'does not come from who calls',
      cause(named('checkout')),
      trouble('stock', 'errors'),
      cause(named('stock')),
      false,
    ],
    ['is elsewhere', cause(named('stock')), trouble('payment', 'latency'), cause(named('payment')), false],
    [
      'is of what it alone calls',
      cause(named('payment')),
      trouble('payment', 'latency'),
      cause('external:bank'),
      true,
    ],
    [
      'is load, which does not come from below',
      cause(named('stock')),
      trouble('gateway', 'requests'),
      cause(named('gateway'), 'requests'),
      false,
    ],
    [
      'is less load, which comes from above',
      cause(named('checkout')),
      trouble('payment', 'requests'),
      cause(named('payment'), 'errors'),
      true,
    ],
    [
      'comes of load at once',
      cause(named('gateway'), 'requests'),
      trouble('stock', 'errors', 90_000),
      cause(named('stock')),
      true,
    ],
    [
      'does not come of load that was borne for minutes',
      cause(named('gateway'), 'requests'),
      trouble('stock', 'errors'),
      cause(named('stock')),
      false,
    ],
  ])('%s', (_name, first, later, own, expected) => {
    expect(isExplained(opened([first]), [later], [own], CALLS)).toBe(expected);
  });

  it('is of the same matter as long as nothing else is known of it', () => {
    const later = [trouble('payment', 'latency')];
    expect(isExplained(opened([]), later, [cause(named('payment'))], CALLS)).toBe(true);
    expect(isExplained(opened([cause(named('stock'))]), later, [], CALLS)).toBe(true);
  });

  it('is of a suspect beside the likeliest cause, but does not come from one', () => {
    const known = [cause(named('cart'), 'errors', 0.6), cause(named('stock'), 'errors', 0.4)];
    const begins = (at: string): boolean =>
      isExplained(opened(known), [trouble(at, 'errors')], [cause(named(at))], CALLS);
    expect(begins('stock')).toBe(true);
    expect(begins('checkout')).toBe(false);
  });

  it('fails of what is slow only where that is waited for', () => {
    const slow = [cause(named('stock'), 'latency')];
    const failing = (waited: number, signal = 'errors'): boolean =>
      isExplained(opened(slow, waited), [trouble('cart', signal)], [cause(named('cart'), signal)], CALLS);
    expect(failing(26e6)).toBe(false);
    expect(failing(26e6, 'latency')).toBe(true);
    expect(failing(2e9)).toBe(true);
  });

  it('waits for its turn where much was asked already, and is never taken unasked', () => {
    const insight = { decided: 0, decidedMs: 0 };
    const asked = Array.from({ length: 40 }, (_, tick) => takesTurn(insight, 2_000 * tick));
    expect(asked.slice(0, 12)).toEqual(Array.from({ length: 12 }, () => true));
    expect(asked.slice(12).flatMap((turn, index) => (turn ? [index] : []))).toEqual([4, 9, 14, 19, 24]);
  });

  it('fails where nobody suspects anything, whatever the blame says', () => {
    // Everything is a little slow: the analysis of that moment blames the gateway.
    const known = [cause('external:bank', 'latency')];
    const blamed = [cause(named('gateway'), 'latency')];
    const fails = (service: string, peer = ''): Trouble =>
      ({
        ...trouble(service, 'errors'),
        symptoms: [{ evidence: 20, series: { source: 'spans', signal: 'errors', peer } }],
      }) as unknown as Trouble;
    const explained = (...later: readonly Trouble[]): boolean =>
      isExplained(opened(known, 3e9), later, blamed, CALLS);
    expect(explained(fails('gateway'))).toBe(true);
    expect(explained(fails('gateway', named('cart')))).toBe(false);
    expect(explained(fails('gateway', named('cart')), fails('cart', named('stock')), fails('stock'))).toBe(
      false,
    );
    expect(explained(fails('gateway', named('checkout')), fails('checkout', named('payment')))).toBe(true);
  });

  it('is taken for explained when it is found so twice, some seconds apart', () => {
    const confirmations = new Confirmations();
    const group = [trouble('cart', 'errors')];
    expect(confirmations.isRipe(group, 0)).toBe(undefined);
    confirmations.note(group, 0);
    const joined = [trouble('stock', 'errors'), ...group];
    expect(confirmations.isRipe(joined, 4_000)).toBe(false);
    expect(confirmations.isRipe(joined, 6_000)).toBe(true);
    expect(confirmations.isRipe([trouble('stock', 'errors')], 6_000)).toBe(undefined);
    expect(confirmations.isRipe(group, 60_001)).toBe(undefined);
    confirmations.note(group, 70_000);
    confirmations.forget(group);
    expect(confirmations.isRipe(group, 80_000)).toBe(undefined);
  });
});
