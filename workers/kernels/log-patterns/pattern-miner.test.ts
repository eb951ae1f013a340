import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parameterType, parameterValues, withSingleBlanks } from './parameters.ts';
import { PatternMiner } from './index.ts';

function templatesOf(lines: readonly string[]): string[] {
  const miner = new PatternMiner();
  for (const line of lines) miner.add(line);
  return miner.patterns().map(({ template }) => template);
}

const isMatched = (template: string, line: string): boolean =>
  parameterValues(template, withSingleBlanks(line)) !== undefined;

it.each([
  ['worker 7 took 12.5 ms (-3 %)', 'worker <*> took <*> ms (<*> %)'],
  ['from /10.0.3.4:5060 to 2001:db8:0:0:1:0:0:1', 'from <*> to <*>'],
  ['read /var/lib/data/a.db in 12ms', 'read <*> in <*>'],
  ['GET https://shop.example/items?id=4 failed', 'GET <*> failed'],
  ['mail to ada@mail.example.org bounced', 'mail to <*> bounced'],
  ['job 5f0c2b1e-93aa-4bb1-8c6e-0d1f2a3b4c5d done', 'job <*> done'],
  ['at 2024-05-06 07:08:09,123 ready=true', 'at <*> ready=<*>'],
  ['eth0: link up, utf8', 'eth0: link up, utf8'],
  ['address 0x7ffe and cafe0123beef', 'address <*> and <*>'],
  ['ids 1 2 3 4 5 6 7 8 9', 'ids <*>'],
  ['  spaced \t out  ', 'spaced out'],
])('masks by type: %s', (line, template) => {
  expect(templatesOf([line])).toEqual([template]);
});

it('merges words that vary, and keeps apart words that may be the message', () => {
  const users = ['ada', 'bob', 'cleo', 'dan', 'eve'];
  expect(templatesOf(users.map((user) => `session of user ${user} was opened`))).toEqual([
    'session of user <*> was opened',
  ]);
  const states = ['session of user was opened', 'session of user was closed'];
  expect(templatesOf(states)).toEqual(states);
});

it('merges values of one key, and units of one quantity', () => {
  expect(templatesOf(['disk check zone=alpha ok', 'disk check zone=beta ok'])).toEqual([
    'disk check zone=<*> ok',
  ]);
  expect(templatesOf(['cache holds 3 KB now', 'cache holds 1 MB now'])).toEqual(['cache holds <*> now']);
});

it('gives the lines of a pattern that was merged to the one that took it in', () => {
  const miner = new PatternMiner();
  const ids = ['ada', 'bob', 'cleo', 'dan', 'eve'].map((user) =>
    miner.add(`session of user ${user} was opened`),
  );
  expect(new Set(ids.map((id) => miner.currentId(id)))).toEqual(new Set([ids[0]]));
  expect(miner.patterns()).toMatchObject([{ id: ids[0], count: 5 }]);
});

it('types parameters and gives examples', () => {
  const miner = new PatternMiner();
  miner.add('peer 10.0.0.1 sent 12 to /tmp/a');
  miner.add('peer 10.0.0.2 sent 13 to /tmp/b');
  expect(miner.patterns()[0]?.parameters).toEqual([
    { type: 'ip', examples: ['10.0.0.1', '10.0.0.2'] },
    { type: 'number', examples: ['12', '13'] },
    { type: 'path', examples: ['/tmp/a', '/tmp/b'] },
  ]);
  expect(['12ms', 'true', 'a@b.org', 'http://a/b', '07:08:09', 'x y', 'word'].map(parameterType)).toEqual([
    'quantity',
    'boolean',
    'email',
    'url',
    'time',
    'text',
    'word',
  ]);
});

/** Messages with few words, so that they cover and merge with each other. */
const word = fc.constantFrom(
  'read',
  'write',
  'user',
  'ada',
  'bob',
  'from',
  'to',
  'a=b',
  'a=c',
  'x1',
  'x2',
  '<*>',
  '<unit>',
  '<any>',
  'KB',
  'MB',
);
const value = fc.constantFrom(
  '1',
  '-2.5',
  '0xff',
  '/a/b',
  '10.0.0.1',
  'true',
  '1,2',
  'v=3',
  '12:30:01',
  '(4)',
  '5 bytes (6 KB)',
  '<1 s',
);
const message = fc.array(fc.oneof(word, value), { maxLength: 9 }).map((tokens) => tokens.join(' '));
const hostile = fc.oneof(
  message,
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.constantFrom(
    '',
    '   ',
    '\0\0',
    '\ud800',
    'a\u0001b\u0002c\u0003',
    '...:::///---',
    '<*><*>',
    '[[[[',
    '1.1.1.1.1.1',
    ':::::::::',
  ),
);

it('every line matches the template of its pattern', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 80 }), (lines) => {
      const miner = new PatternMiner();
      const ids = lines.map((line) => miner.add(line));
      const templates = new Map(miner.patterns().map(({ id, template }) => [id, template]));
      for (const [row, line] of lines.entries()) {
        const template = templates.get(miner.currentId(ids[row] ?? ''));
        expect([line, template, isMatched(template ?? 'none', line)]).toEqual([line, template, true]);
      }
    }),
    { numRuns: 300 },
  );
});

it('reading the same lines again changes nothing but counts', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 60 }), (lines) => {
      const miner = new PatternMiner();
      const read = (): { id: string; template: string }[] => {
        for (const line of lines) miner.add(line);
        return miner.patterns().map(({ id, template }) => ({ id, template }));
      };
      expect(read()).toEqual(read());
      expect(miner.patterns().reduce((sum, { count }) => sum + count, 0)).toBe(2 * lines.length);
    }),
  );
});

it('goes on after export and import as if nothing had been', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 40 }),
      fc.array(message, { maxLength: 40 }),
      (before, after) => {
        const miner = new PatternMiner();
        for (const line of before) miner.add(line);
        const state = JSON.parse(JSON.stringify(miner.export())) as ReturnType<PatternMiner['export']>;
        const restarted = PatternMiner.import(state);
        expect(restarted.export()).toEqual(miner.export());
        for (const line of after) {
          miner.add(line);
          restarted.add(line);
        }
        const shown = (one: PatternMiner): string[] =>
          one.patterns().map(({ id, template }) => `${id} ${template}`);
        expect(shown(restarted)).toEqual(shown(miner));
      },
    ),
  );
});

it('keeps its bounds, forgetting what was longest unseen', () => {
  fc.assert(
    fc.property(
      fc.array(hostile, { maxLength: 200 }),
      fc.integer({ min: 1, max: 12 }),
      (lines, mostPatterns) => {
        const miner = new PatternMiner({ mostPatterns, mostTokens: 4, mostCharacters: 32, mostSkeletons: 8 });
        for (const line of lines) {
          miner.add(line);
          expect(miner.size).toBeLessThanOrEqual(mostPatterns);
        }
        for (const { template } of miner.patterns()) expect(template.length).toBeLessThan(256);
        expect(miner.patterns()).toHaveLength(miner.size);
      },
    ),
  );
});

it('ten thousand words at one place are one variable or patterns within the bound', () => {
  const miner = new PatternMiner({ mostPatterns: 64 });
  const letters = (at: number): string =>
    at.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 26)));
  for (let at = 0; at < 10_000; at += 1) {
    miner.add(`session of user ${letters(at)} was opened`);
    miner.add(letters(at));
  }
  expect(miner.size).toBeLessThanOrEqual(64);
  expect(miner.patterns()[0]).toMatchObject({ template: 'session of user <*> was opened', count: 10_000 });
});

it('values are those that a lazy regular expression finds', () => {
  const part = fc.constantFrom('<*>', 'a', 'b', ' ', 'ab', '.');
  const text = fc.array(fc.constantFrom('a', 'b', ' ', '.'), { maxLength: 8 });
  let matched = 0;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), text, (parts, pieces) => {
      const [template, line] = [parts.join(''), pieces.join('')];
      const source = template.split('<*>').map((each) => each.replaceAll('.', '\\.'));
      const found = new RegExp(`^${source.join('(.*?)')}$`, 's').exec(line);
      expect(parameterValues(template, line)).toEqual(found === null ? undefined : found.slice(1));
      matched += Number(found !== null && parts.includes('<*>'));
    }),
    { numRuns: 2_000 },
  );
  expect(matched).toBeGreaterThan(20);
});

it('a forgotten pattern comes back under its id', () => {
  const miner = new PatternMiner({ mostPatterns: 2 });
  const first = miner.add('alpha starts');
  for (const line of ['beta stops now', 'gamma is here again', 'delta goes away for ever']) miner.add(line);
  expect(miner.patterns().some(({ id }) => id === first)).toBe(false);
  expect(miner.add('alpha starts')).toBe(first);
});

it.each([
  ['letters', 'a'.repeat(1 << 20)],
  ['digits', '1'.repeat(1 << 20)],
  ['words', 'ab '.repeat(1 << 18)],
  ['dots', 'a.'.repeat(1 << 19)],
  ['slashes', '/'.repeat(1 << 20)],
  ['colons', '1:'.repeat(1 << 19)],
  ['brackets', '<(['.repeat(1 << 18)],
  ['at signs', 'a@'.repeat(1 << 19)],
  ['underscores', '_-'.repeat(1 << 19)],
  ['quotes', '"\''.repeat(1 << 19)],
  ['different words', Array.from({ length: 10_000 }, (_, at) => `word-${at.toString(36)}`).join(' ')],
  ['NULs', '\0'.repeat(1 << 20)],
  ['surrogates', '\ud800'.repeat(1 << 20)],
])('reads a megabyte of %s', (_, line) => {
  const miner = new PatternMiner();
  const id = miner.add(line);
  const pattern = miner.patterns().find((one) => one.id === id);
  expect(pattern && isMatched(pattern.template, line)).toBe(true);
});
