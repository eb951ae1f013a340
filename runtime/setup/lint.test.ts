import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LINTER = fileURLToPath(new URL('../bin/oxlint', import.meta.resolve('oxlint')));
const CONFIGURATION = [
  '.oxlintrc.json',
  'package.json',
  'tsconfig.json',
  'web/tsconfig.json',
  'runtime/setup/lint-comments.mjs',
];

const FETCH = "export const found = await fetch('http://169.254.169.254/');";
const HTTP = "import { request } from 'node:http';\nrequest('http://169.254.169.254/');";
const HTTPS = "import { get } from 'node:https';\nget('https://169.254.169.254/');";
const BRANCHES = `export const f = (x: number): number => {\n${'  if (x > 1) return x;\n'.repeat(12)}  return 0;\n};`;
const LINES = Array.from({ length: 301 }, (_, line) => `export type A${line} = string;`).join('\n');

/** One of each group of rules, where it is broken. */
const PLANTED: readonly (readonly [rule: string, file: string, code: string])[] = [
  ['no-restricted-globals', 'runtime/api/planted.ts', FETCH],
  ['no-restricted-globals', 'actors/planted.ts', FETCH.replace('fetch', 'globalThis.fetch')],
  ['no-restricted-imports', 'runtime/settings/planted.ts', HTTP],
  ['no-restricted-imports', 'workers/scan/planted.ts', HTTPS],
  ['eqeqeq', 'proto/same.ts', 'export const f = (x: number): boolean => x == 1;'],
  ['no-redeclare', 'runtime/setup/twice.mjs', 'var a = 1;\nvar a = 2;\nexport { a };'],
  ['no-undef', 'runtime/setup/unknown.mjs', 'export const a = nowhere;'],
  ['no-console', 'actors/said.ts', "console.log('said');"],
  ['complexity', 'actors/branches.ts', BRANCHES],
  ['max-lines', 'actors/long.ts', LINES],
  ['no-default-export', 'actors/default.ts', 'export default 1;'],
  ['no-process-env', 'runtime/api/env.ts', 'export const home = process.env["HOME"];'],
  ['no-sync', 'runtime/api/sync.ts', "import { readFileSync } from 'node:fs';\nreadFileSync('a');"],
  ['no-process-exit', 'runtime/api/exit.ts', 'process.exit(1);'],
  ['prefer-node-protocol', 'runtime/api/node.ts', "import { join } from 'path';\nexport { join };"],
  ['explained', 'actors/why.ts', '// oxlint-disable-next-line no-console\nconsole.log(1);'],
  ['no-abusive-eslint-disable', 'actors/all.ts', '// oxlint-disable-next-line -- all\nconsole.log(1);'],
  ['Unused', 'actors/unused.ts', '// oxlint-disable-next-line eqeqeq -- once\nexport const a = 1;'],
  ['ban-ts-comment', 'actors/ban.ts', '// @ts-ignore\nexport const a = 1;'],
  ['explicit-module-boundary-types', 'actors/open.ts', 'export const f = () => 1;'],
  ['consistent-type-imports', 'actors/type.ts', "import { T } from './t.ts';\nexport const t = 1 as T;"],
  ['no-floating-promises', 'actors/float.ts', 'export const f = (): void => {\n  Promise.resolve(1);\n};'],
  ['no-unsafe-return', 'actors/any.ts', "export const f = (): string => JSON.parse('1');"],
  ['no-unnecessary-condition', 'actors/sure.ts', 'export const f = (x: object): number => (x ? 1 : 2);'],
  ['TS2322', 'actors/wrong.ts', "export const a: number = 'x';"],
  ['TS2304', 'web/unknown.tsx', 'export const X = () => <p>{nowhere}</p>;'],
  ['no-destructure', 'web/torn.tsx', 'export const X = ({ a }: { a: string }) => <p>{a}</p>;'],
  [
    'reactivity',
    'web/once.tsx',
    'export function X(props: { a: string }) {\n  const a = props.a;\n  return <p>{a}</p>;\n}',
  ],
  ['expect-expect', 'actors/empty.test.ts', "import { it } from 'vitest';\nit('is', () => { String(1); });"],
  [
    'consistent-test-it',
    'actors/test.test.ts',
    "import { expect, test } from 'vitest';\ntest('is', () => { expect(1).toBe(1); });",
  ],
  [
    'no-focused-tests',
    'actors/only.test.ts',
    "import { expect, it } from 'vitest';\nit.only('is', () => { expect(1).toBe(1); });",
  ],
  [
    'no-disabled-tests',
    'actors/skip.test.ts',
    "import { expect, it } from 'vitest';\nit.skip('is', () => { expect(1).toBe(1); });",
  ],
];

/** What is allowed, where it is. */
const KEPT: readonly (readonly [file: string, code: string])[] = [
  ['runtime/outgoing/fetch.ts', FETCH],
  ['runtime/outgoing/http.ts', HTTP],
  ['runtime/outgoing/https.ts', HTTPS],
  ['runtime/config/env.ts', "export const home = process.env['HOME'];"],
  ['bench/exit.ts', "console.log('done');\nprocess.exit(0);"],
  ['web/some.config.ts', 'export default 1;'],
  ['actors/why-not.ts', '// oxlint-disable-next-line no-console -- it is asked for\nconsole.log(1);'],
];

describe('the linter', () => {
  let folder: string;
  let found: { readonly file: string; readonly rule: string }[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ophion-lint-'));
    const write = async (file: string, code: string): Promise<void> => {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), `${code}\n`);
    };
    for (const [, file, code] of PLANTED) await write(file, code);
    for (const [file, code] of KEPT) await write(file, code);
    await write('actors/t.ts', 'export type T = number;');
    for (const file of CONFIGURATION) await copyFile(join(ROOT, file), join(folder, file));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const folders = ['proto', 'workers', 'actors', 'runtime', 'web', 'bench'];
    const { stdout } = spawnSync(process.execPath, [LINTER, '--format', 'json', ...folders], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const { diagnostics } = JSON.parse(stdout) as {
      diagnostics: { filename: string; code?: string; message: string }[];
    };
    found = diagnostics.map(({ filename, code, message }) => ({
      file: filename,
      rule:
        code === undefined || code === ''
          ? (message.split(' ')[0] ?? '')
          : code.replace(/^.*\((.*)\)$/, '$1'),
    }));
  }, 60_000);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it.each(PLANTED)('finds %s in %s', (rule, file) => {
    expect(found.filter((one) => one.file === file).map((one) => one.rule)).toContain(rule);
  });

  it.each(KEPT)('finds nothing in %s', (file) => {
    expect(found.filter((one) => one.file === file)).toEqual([]);
  });
});
