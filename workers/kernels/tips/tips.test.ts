import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTraceTips, plainStatement, type Call, type Tip, type TipSpan, type TipTrace } from './index.ts';
import { statementSigns } from './statement.ts';

const READ: Call = {
  system: 'database',
  peer: 'db',
  statement: 'SELECT ?',
  isRead: true,
  bytes: 0,
  resends: 0,
};

let ids = 0;
function spanOf(parent: string, start: number, duration: number, more: Partial<TipSpan> = {}): TipSpan {
  ids += 1;
  return {
    ...{ id: `s${ids}`, parent, service: 'shop', operation: 'GET /cart', start, duration },
    ...{ isError: false, call: undefined },
    ...more,
  };
}

/** An operation of 100 ms, and calls made at these times. */
function traceOf(
  calls: readonly { at: number; ms: number; call?: Partial<Call>; name?: string; isError?: boolean }[],
): TipTrace {
  const root = spanOf('', 0, 100);
  // A framework's span between the operation and its calls.
  const between = spanOf(root.id, 0, 99, { operation: 'middleware' });
  const made = calls.map(({ at, ms, call, name = 'SELECT', isError = false }) =>
    spanOf(between.id, at, ms, { operation: name, isError, call: { ...READ, ...call } }),
  );
  return { traceId: `t${root.id}`, spans: [root, between, ...made] };
}

function tipsOf(make: (index: number) => TipTrace, count = 40): Tip[] {
  return findTraceTips(Array.from({ length: count }, (_, index) => make(index)));
}

describe('tips from traces', () => {
  it('see equal queries in a loop, and what one would save', () => {
    const [tip, ...others] = tipsOf(() =>
      traceOf(Array.from({ length: 10 }, (_, index) => ({ at: 9 * index, ms: 8 }))),
    );
    expect(others).toEqual([]);
    expect(tip).toMatchObject({
      ...{ category: 'n-plus-one', service: 'shop', operation: 'GET /cart', subject: 'SELECT ?' },
      ...{ looked: 40, shown: 40, savingMs: 72, savingShare: 0.72, figures: { calls: 10, totalMs: 80 } },
    });
    expect(tip?.examples).toHaveLength(3);
  });

  it('call the same of another service chatty, and count what overlaps once', () => {
    const call = { system: 'http', statement: '', peer: 'stock' } as const;
    const [tip] = tipsOf(() =>
      traceOf(Array.from({ length: 6 }, (_, index) => ({ at: 10 * index, ms: 20, call, name: 'GET' }))),
    );
    expect(tip).toMatchObject({ category: 'chatty-calls', subject: 'GET → stock', savingMs: 50 });
  });

  it('see reads of different things in a row, and not those that change something or overlap', () => {
    const reads = [
      { at: 0, ms: 30, call: { statement: 'SELECT a' } },
      { at: 31, ms: 20, call: { statement: 'SELECT b' } },
      { at: 52, ms: 25, call: { statement: 'SELECT c' } },
    ];
    expect(tipsOf(() => traceOf(reads))).toMatchObject([
      { category: 'serial-calls', subject: 'SELECT a, then SELECT b, then SELECT c', savingMs: 45 },
    ]);
    expect(tipsOf(() => traceOf(reads.map((each) => ({ ...each, at: 0 }))))).toEqual([]);
    const writes = reads.map(({ call, ...each }) => ({ ...each, call: { ...call, isRead: false } }));
    expect(tipsOf(() => traceOf(writes))).toEqual([]);
  });

  it('see slow statements, with what they look as if they lacked', () => {
    const call = { statement: 'SELECT * FROM items WHERE lower(name) = ?' };
    const [tip] = tipsOf(() => traceOf([{ at: 0, ms: 180, call }]));
    expect(tip).toMatchObject({ category: 'slow-statement', figures: { meanMs: 180, shareOfOperation: 1 } });
    // As if it took 100 ms.
    expect(tip?.savingMs).toBe(80);
    expect(tip?.signs).toEqual([
      'a function around a column in WHERE: only an index on that expression serves it',
      'reads all columns: SELECT *',
    ]);
  });

  it('see calls that are tried again, also where that is seldom', () => {
    const call = { system: 'http', statement: '', peer: 'bank' } as const;
    const failing = [
      { at: 0, ms: 20, call, isError: true },
      { at: 25, ms: 20, call, isError: true },
      { at: 50, ms: 20, call },
    ];
    const [tip] = tipsOf((index) => traceOf(index % 12 === 0 ? failing : [{ at: 0, ms: 20, call }]), 120);
    expect(tip).toMatchObject({
      category: 'retries',
      shown: 10,
      savingMs: 40,
      figures: { attempts: 3, failed: 2 },
    });
  });

  it('see a cache that seldom has it, and not one that does or one that is read for something else', () => {
    const cache = {
      at: 0,
      ms: 1,
      call: { system: 'cache', statement: '', peer: 'redis' } as const,
      name: 'GET',
    };
    const read = { at: 2, ms: 40 };
    const withMisses = (share: number) =>
      tipsOf((index) => traceOf(index % 10 < share * 10 ? [cache, read] : [cache]), 100).filter(
        ({ category }) => category === 'cache-misses',
      );
    const [tip] = withMisses(0.6);
    expect(tip).toMatchObject({ subject: 'GET → redis', looked: 100, shown: 60 });
    expect(tip?.figures['lookups']).toBeCloseTo(100);
    expect(tip?.figures['missShare']).toBeCloseTo(0.6);
    expect(tip?.figures['missMs']).toBeCloseTo(40);
    // Of each miss, as if nine lookups in ten hit.
    expect(tip?.savingMs).toBeCloseTo(40 * (1 - 0.1 / 0.6));
    expect(withMisses(0.1)).toEqual([]);
    expect(withMisses(1)).toEqual([]);
  });

  it('see large payloads', () => {
    const call = { system: 'http', statement: '', bytes: 5_000_000 } as const;
    expect(tipsOf(() => traceOf([{ at: 0, ms: 20, call, name: 'GET /all' }]))).toMatchObject([
      {
        category: 'large-payloads',
        subject: 'GET /all → db',
        figures: { bytes: 5_000_000, savedBytes: 4_000_000 },
      },
    ]);
  });

  it('say nothing of operations that have nothing to gain, or of a handful', () => {
    const usual = [
      { at: 0, ms: 2, call: { statement: 'SELECT a' } },
      { at: 50, ms: 2, call: { statement: 'SELECT b' } },
    ];
    expect(tipsOf(() => traceOf(usual))).toEqual([]);
    const loop = Array.from({ length: 10 }, (_, index) => ({ at: 9 * index, ms: 8 }));
    expect(tipsOf(() => traceOf(loop), 4)).toEqual([]);
    expect(tipsOf((index) => traceOf(index < 5 ? loop : usual), 200)).toEqual([]);
  });

  it('stand anything, and do not depend on the order of spans', () => {
    const number = fc.constantFrom(0, 1, 5, 1e308, -3, Number.NaN, Number.POSITIVE_INFINITY);
    const call = fc.record({
      system: fc.constantFrom('database', 'cache', 'http', 'rpc', 'messaging', 'other'),
      ...{ peer: fc.constantFrom('', 'x'), statement: fc.constantFrom('', 'SELECT ?'), isRead: fc.boolean() },
      ...{ bytes: fc.constantFrom(0, 2e6), resends: fc.constantFrom(0, 2) },
    }) as fc.Arbitrary<Call>;
    const span = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
      parent: fc.constantFrom('', 'a', 'b', 'c', 'x'),
      service: fc.constantFrom('p', 'q'),
      operation: fc.constantFrom('', 'one'),
      ...{ start: number, duration: number, isError: fc.boolean() },
      call: fc.option(call, { nil: undefined }),
    });
    const spans = fc.uniqueArray(span, { selector: ({ id }) => id, maxLength: 8 });
    fc.assert(
      fc.property(spans, fc.nat(), (some, seed) => {
        const many = (list: readonly TipSpan[]) =>
          Array.from({ length: 30 }, (_, index) => ({ traceId: String(index), spans: list }));
        const tips = findTraceTips(many(some));
        for (const tip of tips) {
          expect(tip.savingMs >= 0 || Number.isNaN(tip.savingMs)).toBe(true);
          expect(tip.shown).toBeLessThanOrEqual(tip.looked);
        }
        const turned = [...some.slice(seed % (some.length + 1)), ...some.slice(0, seed % (some.length + 1))];
        expect(findTraceTips(many(turned))).toEqual(tips);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('tips beside naive oracles', () => {
  const tenTimes = (trace: TipTrace): Tip[] =>
    findTraceTips(Array.from({ length: 10 }, (_, at) => ({ ...trace, traceId: `t${at}` })));

  it('of equal calls: five or more, and the milliseconds that are marked by any, less the longest', () => {
    const statements = ['SELECT a', 'SELECT b'];
    const call = fc.record({
      ...{ at: fc.nat(60), ms: fc.integer({ min: 1, max: 20 }), of: fc.constantFrom(...statements) },
    });
    let said = 0;
    fc.assert(
      fc.property(fc.array(call, { maxLength: 14 }), (calls) => {
        const tips = tenTimes(
          traceOf(calls.map(({ at, ms, of }) => ({ at, ms, call: { statement: of, isRead: false } }))),
        );
        for (const statement of statements) {
          const own = calls.filter(({ of }) => of === statement);
          const marked = new Set(own.flatMap(({ at, ms }) => Array.from({ length: ms }, (_, i) => at + i)));
          const saving = marked.size - Math.max(0, ...own.map(({ ms }) => ms));
          // Of an operation of 100 ms.
          const isSaid = own.length >= 5 && saving >= 5;
          const tip = tips.find(
            ({ category, subject }) => category === 'n-plus-one' && subject === statement,
          );
          expect(tip?.savingMs).toBe(isSaid ? saving : undefined);
          said += Number(isSaid);
        }
      }),
    );
    expect(said).toBeGreaterThan(10);
  });

  it('of reads in a row: the best of all stretches of them', () => {
    const call = fc.record({
      ...{ gap: fc.constantFrom(0, 1, 5, 9), ms: fc.integer({ min: 1, max: 20 }) },
      isRead: fc.constantFrom(true, true, true, false),
    });
    let said = 0;
    fc.assert(
      fc.property(fc.array(call, { maxLength: 8 }), (list) => {
        let end = 0;
        const calls = list.map(({ gap, ms, isRead }, at) => {
          const start = end + gap;
          end = start + ms;
          return { at: start, ms, gap, isRead, call: { statement: `SELECT ${at % 3}`, isRead } };
        });
        let saving = 0;
        for (let from = 0; from < calls.length; from += 1) {
          for (let to = from + 2; to <= calls.length; to += 1) {
            const row = calls.slice(from, to);
            // The longest gap is a twentieth of the operation's 100 ms.
            if (!row.every(({ isRead, gap }, at) => isRead && (at === 0 || gap <= 5))) continue;
            const each = row.map(({ ms }) => ms);
            saving = Math.max(saving, each.reduce((sum, ms) => sum + ms, 0) - Math.max(...each));
          }
        }
        const tip = tenTimes(traceOf(calls)).find(({ category }) => category === 'serial-calls');
        expect(tip?.savingMs).toBe(saving >= 5 ? saving : undefined);
        said += Number(saving >= 5);
      }),
    );
    expect(said).toBeGreaterThan(10);
  });
});

describe('hostile traces', () => {
  const queries = (count: number, parent: string, distinct = count): TipSpan[] =>
    Array.from({ length: count }, (_, at) =>
      spanOf(parent, at, 1, { call: { ...READ, statement: `SELECT ${at % distinct}` } }),
    );
  const root = spanOf('', 0, 60_000);
  const odd = (more: Partial<TipSpan>): TipSpan => spanOf(root.id, 1, 5, { call: READ, ...more });
  const chain = Array.from({ length: 50_000 }, (_, at) => ({
    ...spanOf(at === 0 ? '' : `deep ${at - 1}`, at, 1, { call: at > 49_900 ? READ : undefined }),
    id: `deep ${at}`,
  }));

  it.each<[string, readonly TipSpan[]]>([
    ['nothing', []],
    ['one span', [root]],
    ['parents of each other', [odd({ id: 'a', parent: 'b' }), odd({ id: 'b', parent: 'a' })]],
    ['its own parent', [odd({ id: 'a', parent: 'a' })]],
    ['parents that are missing', queries(20, 'lost')],
    ['no sound times', [root, ...[Number.NaN, Infinity, -Infinity].map((start) => odd({ start }))]],
    ['no sound durations', [root, ...[Number.NaN, Infinity, -5].map((duration) => odd({ duration }))]],
    ['calls before their operation', [root, ...Array.from({ length: 9 }, () => odd({ start: -1e300 }))]],
    ['a chain of 50,000', chain],
  ])('of %s give no tip', (_, spans) => {
    expect(findTraceTips(Array.from({ length: 6 }, (_each, at) => ({ traceId: `${at}`, spans })))).toEqual(
      [],
    );
  });

  it('with spans that were sent again and again count each once', () => {
    const top = spanOf('', 0, 10);
    const spans = [top, ...queries(2, top.id, 1)];
    const again = Array.from({ length: 6 }, (_, at) => ({
      ...{ traceId: `${at}`, spans: Array.from({ length: 5 }, () => spans).flat() },
    }));
    expect(findTraceTips(again)).toEqual([]);
  });

  it('with 130,000 equal calls are answered', () => {
    const loop = (count: number): TipTrace => {
      const top = spanOf('', 0, count);
      const call = spanOf(top.id, 0, 1, { call: READ });
      const calls = Array.from({ length: count }, (_, at) => ({ ...call, id: `${at}`, start: at }));
      return { traceId: top.id, spans: [top, ...calls] };
    };
    expect(findTraceTips([...[1, 2, 3, 4].map(() => loop(10)), loop(130_000)])).toMatchObject([
      { category: 'n-plus-one', shown: 5, figures: { calls: 26_008 } },
    ]);
  });

  it('with 5,000 reads in a row are looked at a few times each', () => {
    let looks = 0;
    const top = spanOf('', 0, 5_000);
    const reads = queries(5_000, top.id).map((span) => ({
      ...{ ...span, call: { ...READ, ...span.call, system: 'http' as const } },
      get duration() {
        looks += 1;
        return 1;
      },
    }));
    const traces = Array.from({ length: 5 }, (_, at) => ({ traceId: `${at}`, spans: [top, ...reads] }));
    expect(findTraceTips(traces).map(({ category }) => category)).toEqual(['serial-calls']);
    expect(looks / (5 * 5_000)).toBeLessThan(50);
  });
});

describe('statements', () => {
  it.each([
    ["SELECT a FROM t WHERE b = 'it''s' AND c = 42", 'SELECT a FROM t WHERE b = ? AND c = ?'],
    ['select *\n from t -- note\n where id in (1, 2,3)', 'select * from t where id in (?)'],
    ['INSERT INTO t VALUES ($1, $2), ($3, $4)', 'INSERT INTO t VALUES (?)'],
    ['GET user:1234', 'GET user?'],
    ['', ''],
  ])('%j without its values is %j', (text, plain) => {
    expect(plainStatement(text)).toBe(plain);
  });

  it.each([
    ['SELECT a FROM t', ['reads every row: no WHERE and no LIMIT']],
    ['SELECT a FROM t WHERE id = ?', []],
    ['SELECT a FROM t WHERE b = ? ORDER BY c', ['sorts everything: ORDER BY without LIMIT']],
    ["SELECT a FROM t WHERE b LIKE '%x'", ['LIKE that an ordinary index may not serve']],
    ['DELETE FROM t', ['changes every row: no WHERE']],
    ['UPDATE t SET a = ? WHERE id = ?', []],
    ['HGETALL', []],
  ])('%j shows %j', (statement, signs) => {
    expect(statementSigns(statement)).toEqual(signs);
  });

  it('are the same whatever their values, and as naive code that never put values in', () => {
    const value = fc.oneof(
      fc.nat().map(String),
      fc.double({ min: 0, max: 1e6, noNaN: true }).map((each) => each.toFixed(3)),
      fc.stringMatching(/^[a-z ,()?]{0,12}$/).map((each) => `'${each}'`),
      fc.constantFrom("'it''s'", '$1', ':name', '@id', '%s', '?'),
    );
    const values = fc.array(value, { minLength: 3, maxLength: 3 });
    const made = (a: string, b: string, c: string): string =>
      `SELECT x FROM t WHERE a = ${a} AND b > ${b} /* note */ OR c < ${c}`;
    fc.assert(
      fc.property(values, ([a = '', b = '', c = '']) => {
        expect(plainStatement(made(a, b, c))).toBe(made('?', '?', '?').replace(' /* note */', ''));
      }),
    );
  });

  it.each([
    ['a megabyte', 'x'.repeat(1 << 20)],
    ['NULs', '\0'.repeat(3_000)],
    ['halves of surrogate pairs', '\ud83d'.repeat(3_000)],
    ['comments that never end', '/*'.repeat(1 << 19)],
    ['quotes', "'".repeat(1 << 20)],
    ['brackets', '(?, '.repeat(1 << 18)],
    ['blanks', ' '.repeat(1 << 20)],
    ['wheres', 'where '.repeat(1 << 18)],
    ['selects', 'select * from a where lower('.repeat(1 << 15)],
  ])('takes %s', (_, text) => {
    const plain = plainStatement(text);
    expect(plain.length).toBeLessThanOrEqual(300);
    expect(statementSigns(plain).length).toBeLessThanOrEqual(5);
  });

  it('takes a moment for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3_000 }), (text) => {
        expect(plainStatement(text).length).toBeLessThanOrEqual(300);
        statementSigns(plainStatement(text));
      }),
    );
    plainStatement("('".repeat(1_000));
    plainStatement('(?,'.repeat(700));
  });
});
