import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprintStack } from './index.ts';

const JAVA = `java.lang.IllegalStateException: order 17 is closed
	at shop.Orders.lambda$close$3(Orders.java:41)
	at shop.Orders$$Lambda$57/0x0000000800c8a440.apply(Unknown Source)
	at java.base/java.util.ArrayList.forEach(ArrayList.java:1511)
Caused by: java.io.IOException: broken pipe
	at shop.Wire.send(Wire.java:9)
	... 12 more`;
const PYTHON = `Traceback (most recent call last):
  File "/srv/app/orders.py", line 12, in close
    self.wire.send(order)
  File "/srv/app/wire.py", line 88, in send
    raise ValueError("order 17")
ValueError: order 17`;
const JAVASCRIPT = `TypeError: Cannot read properties of undefined (reading 'id')
    at close (/srv/app/orders.js:12:7)
    at async Wire.send (file:///srv/app/wire.js:88:3)
    at /srv/app/index.js:3:1`;
const GO = `panic: runtime error: index out of range [5] with length 3

goroutine 18 [running]:
main.(*Orders).Close(0xc000010000, 0x5)
	/srv/app/orders.go:12 +0x1d
main.main.func1()
	/srv/app/main.go:30 +0x25
created by main.main in goroutine 1
	/srv/app/main.go:28 +0x8e`;
const DOTNET = `System.InvalidOperationException: order 17 is closed
   at Shop.Orders.Close(Order order) in C:\\src\\Orders.cs:line 12
   at Shop.Orders.<SendAsync>d__4.MoveNext() in C:\\src\\Orders.cs:line 30`;

it.each([
  ['java', JAVA, ['java.lang.IllegalStateException', 'java.io.IOException'], 4],
  ['python', PYTHON, ['ValueError'], 2],
  ['javascript', JAVASCRIPT, ['TypeError'], 3],
  ['go', GO, ['runtime error: index out of range'], 3],
  ['dotnet', DOTNET, ['System.InvalidOperationException'], 2],
] as const)('%s: frames and errors', (language, text, errors, frames) => {
  const stack = fingerprintStack(text);
  expect(stack).toMatchObject({ language, errors });
  expect(stack?.frames).toHaveLength(frames);
});

it.each([
  [
    'java',
    JAVA.replace(':41', ':57')
      .replace('close$3', 'close$9')
      .replace('$57/0x0000000800c8a440', '$61/0x00000008'),
  ],
  ['java', JAVA.replace('order 17 is closed', 'order 18 is gone')],
  [
    'python',
    PYTHON.replaceAll('/srv/app', '/opt/other')
      .replace('line 12', 'line 99')
      .replace(/order 17$/, 'x'),
  ],
  ['javascript', JAVASCRIPT.replace(':12:7', ':900:1').replaceAll('/srv/app', '/opt/other')],
  [
    'go',
    GO.replace('0xc000010000', '0xc0000aa000').replace('goroutine 18', 'goroutine 7').replace('[5]', '[6]'),
  ],
  ['dotnet', DOTNET.replaceAll('line 12', 'line 13').replace('d__4', 'd__11')],
])('%s: what is not the place changes nothing', (language, changed) => {
  const of = { java: JAVA, python: PYTHON, javascript: JAVASCRIPT, go: GO, dotnet: DOTNET }[language];
  expect(fingerprintStack(changed)?.id).toBe(fingerprintStack(of ?? '')?.id);
});

it('another function or error is another fingerprint', () => {
  const ids = [
    JAVA,
    JAVA.replace('Wire.send', 'Wire.flush'),
    JAVA.replace('IllegalStateException', 'IllegalArgumentException'),
    PYTHON,
    PYTHON.replace('in send', 'in flush'),
    GO,
    GO.replace('Close', 'Open'),
    DOTNET,
    DOTNET.replace('Orders.Close', 'Orders.Open'),
  ].map((text) => fingerprintStack(text)?.id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('the depth of a recursion does not matter', () => {
  const frame = '\tat shop.Tree.walk(Tree.java:5)\n';
  const of = (depth: number): string =>
    `java.lang.StackOverflowError\n${frame.repeat(depth)}\tat shop.Main.main(Main.java:1)`;
  expect(fingerprintStack(of(3))?.id).toBe(fingerprintStack(of(40))?.id);
});

interface Frame {
  readonly type: string;
  readonly method: string;
  readonly line: number;
}

it('frames are those that were put in, whatever stands around them', () => {
  const name = fc.stringMatching(/^[a-z]{2,8}$/);
  const frame = fc.record({ type: name, method: name, line: fc.integer({ min: 1, max: 9_999 }) });
  const written = {
    java: {
      error: 'shop.BrokenException: 7',
      lineOf: ({ type, method, line }) => `\tat shop.${type}.${method}(${type}.java:${line})`,
      nameOf: ({ type, method }) => `shop.${type}.${method}`,
    },
    python: {
      error: 'Traceback (most recent call last):',
      lineOf: ({ type, method, line }) => `  File "/srv/${type}.py", line ${line}, in ${method}`,
      nameOf: ({ type, method }) => `${type}.py:${method}`,
    },
    javascript: {
      error: 'Error: 7',
      lineOf: ({ type, method, line }) => `    at ${method} (/srv/${type}.js:${line}:7)`,
      nameOf: ({ type, method }) => `${type}.js:${method}`,
    },
  } satisfies Record<string, Record<'error', string> & Record<'lineOf' | 'nameOf', (of: Frame) => string>>;
  const language = fc.constantFrom(...(Object.keys(written) as (keyof typeof written)[]));
  fc.assert(
    fc.property(language, fc.array(frame, { minLength: 1, maxLength: 80 }), (which, frames) => {
      const { error, lineOf, nameOf } = written[which];
      const text = [error, ...frames.flatMap((each) => [lineOf(each), 'between'])].join('\n');
      // Naive: each once in a row, the first 64.
      const names = frames.map(nameOf).filter((each, at, all) => each !== all[at - 1]);
      expect(fingerprintStack(text)).toMatchObject({ language: which, frames: names.slice(0, 64) });
    }),
  );
});

it.each([
  ['slashes', `at ${'/'.repeat(1_990)}`],
  ['modules', `at ${'a/'.repeat(995)}`],
  ['brackets', '(a'.repeat(1_000)],
  ['async', `at ${'async '.repeat(330)}`],
  ['dots', 'a.'.repeat(1_000)],
  ['letters', 'a'.repeat(2_000)],
  ['places', `at /${':1'.repeat(990)}x`],
  ['blanks', `at${' '.repeat(1_990)}`],
  ['lambdas', `at ${'lambda$a'.repeat(200)}$1(A.java:1)`],
  ['files', `  File "${'-aaaaaaaa'.repeat(200)}", line 1, in a`],
  ['halves of surrogate pairs', '\ud83d'.repeat(2_000)],
  ['NULs', '\0'.repeat(2_000)],
])(
  'reads 500 lines of %s in a moment',
  (_, line) => {
    const lines = Array.from({ length: 500 }, () => line).join('\n');
    const stack = fingerprintStack(`goroutine 1 [running]:\n${lines}`);
    expect(stack?.frames.length ?? 0).toBeLessThanOrEqual(1);
  },
  1_000,
);

it('no stack is none, whatever comes', () => {
  expect(fingerprintStack('')).toBeUndefined();
  expect(fingerprintStack('connected to 10.0.0.1 at noon')).toBeUndefined();
  for (const text of [
    'at ('.repeat(1 << 18),
    'at a.'.repeat(1 << 18),
    '\n'.repeat(1 << 20),
    `panic: ${'a'.repeat(1 << 20)}`,
    `goroutine 1 \n${'(a'.repeat(1 << 19)}`,
  ]) {
    expect(fingerprintStack(text)?.frames ?? []).toEqual([]);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const stack = fingerprintStack(text);
      expect(stack === undefined || stack.frames.length > 0).toBe(true);
    }),
  );
});
