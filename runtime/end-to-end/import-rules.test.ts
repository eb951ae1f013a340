import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const RULES = new URL('.dependency-cruiser.mjs', ROOT);
const CRUISER = fileURLToPath(
  new URL('../../bin/dependency-cruise.mjs', import.meta.resolve('dependency-cruiser')),
);

const LAYERS = ['proto', 'workers', 'actors', 'runtime', 'web', 'bench'] as const;
type Layer = (typeof LAYERS)[number];

/** Who may import whom, besides itself. */
const SEES: Readonly<Record<Layer, readonly Layer[]>> = {
  proto: [],
  workers: ['proto'],
  actors: ['proto', 'workers'],
  runtime: ['proto', 'workers', 'actors'],
  web: ['proto'],
  bench: ['proto', 'workers', 'actors', 'runtime', 'web'],
};

const DEPENDENCIES = ['nact', 'piscina', 'pg', 'ws', 'chdb', '@clickhouse/client', '@grpc/grpc-js', 'zod'];
const DEV_DEPENDENCIES = ['vitest', 'chart.js'];

/** A tree in which every rule is kept. A file is what it imports. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  'proto/columns/index.ts': ['./layout.ts', 'zod'],
  'proto/columns/layout.ts': [],
  'workers/pool/index.ts': ['piscina', '../scan/index.ts'],
  'workers/scan/index.ts': ['./scan.ts'],
  'workers/scan/scan.ts': ['../../proto/columns/index.ts'],
  'workers/scan/scan.test.ts': ['./scan.ts', 'vitest', 'node:fs', '../reference/index.ts'],
  'workers/reference/index.ts': ['zod'],
  'actors/system/index.ts': ['nact'],
  'actors/service/index.ts': ['./window.ts'],
  'actors/service/window.ts': ['../system/index.ts', '../../workers/pool/index.ts'],
  'actors/service/window.test.ts': ['./window.ts', '../fixtures/index.ts'],
  'actors/fixtures/index.ts': ['../../workers/scan/index.ts'],
  'runtime/main.ts': ['./platform.ts', 'node:fs'],
  'runtime/platform.ts': [
    './http/index.ts',
    './storage/clickhouse/index.ts',
    './storage/postgres/index.ts',
    './receivers/otlp/index.ts',
    '../actors/service/index.ts',
  ],
  'runtime/http/index.ts': ['./server.ts'],
  'runtime/http/server.ts': ['node:http', 'ws'],
  'runtime/storage/clickhouse/index.ts': ['@clickhouse/client', '../../http/index.ts'],
  'runtime/storage/postgres/index.ts': ['pg'],
  'runtime/receivers/otlp/index.ts': ['@grpc/grpc-js', '../../http/index.ts'],
  'runtime/receivers/otlp/http.test.ts': ['./index.ts', './receiver-fixture.ts'],
  'runtime/receivers/otlp/receiver-fixture.ts': ['../../http/index.ts'],
  'runtime/end-to-end/all.test.ts': ['../storage/postgres/index.ts', './test-platform.ts'],
  'runtime/end-to-end/test-platform.ts': ['../platform.ts', 'vitest'],
  'web/main.ts': ['./charts/line.ts', '../proto/columns/index.ts'],
  'web/charts/line.ts': ['chart.js'],
  'bench/ingest/ingest.bench.ts': ['../../runtime/platform.ts', '../../workers/scan/index.ts', 'vitest'],
};

interface Violation {
  readonly rule: string;
  readonly from: string;
}

/** Each breaks one rule, in a file added to the tree that keeps them all. */
const PLANTED: readonly (Violation & { readonly imports: readonly string[] })[] = [
  { rule: 'no-circular', from: 'workers/a/index.ts', imports: ['../b/index.ts'] },
  { rule: 'no-unresolved', from: 'workers/c/index.ts', imports: ['./missing.ts'] },
  { rule: 'no-unresolved', from: 'runtime/c/index.ts', imports: ['not-installed'] },
  { rule: 'proto-is-the-floor', from: 'proto/d/index.ts', imports: ['../../workers/scan/index.ts'] },
  { rule: 'workers-see-only-proto', from: 'workers/d/index.ts', imports: ['../../actors/service/index.ts'] },
  { rule: 'actors-do-no-io', from: 'actors/d/index.ts', imports: ['../../runtime/http/index.ts'] },
  { rule: 'actors-import-no-drivers', from: 'actors/e/index.ts', imports: ['pg'] },
  { rule: 'actors-import-no-drivers', from: 'actors/f/index.ts', imports: ['node:fs/promises'] },
  { rule: 'actors-import-no-drivers', from: 'actors/g/index.ts', imports: ['@clickhouse/client'] },
  { rule: 'actors-import-no-drivers', from: 'workers/e/index.ts', imports: ['node:net'] },
  { rule: 'actors-import-no-drivers', from: 'workers/f/index.ts', imports: ['node:fs'] },
  { rule: 'actors-import-no-drivers', from: 'workers/g/index.ts', imports: ['node:child_process'] },
  { rule: 'actors-import-no-drivers', from: 'proto/e/index.ts', imports: ['node:http'] },
  { rule: 'runtime-does-not-see-web', from: 'runtime/d/index.ts', imports: ['../../web/charts/line.ts'] },
  { rule: 'web-sees-only-proto', from: 'web/d/d.ts', imports: ['../../workers/scan/index.ts'] },
  { rule: 'web-runs-in-browsers', from: 'web/e/e.ts', imports: ['node:path'] },
  { rule: 'nobody-imports-bench', from: 'web/f/f.ts', imports: ['../../bench/ingest/ingest.bench.ts'] },
  { rule: 'nact-has-one-door', from: 'actors/h/index.ts', imports: ['nact'] },
  { rule: 'nact-has-one-door', from: 'runtime/e/index.ts', imports: ['nact'] },
  { rule: 'piscina-has-one-door', from: 'workers/h/index.ts', imports: ['piscina'] },
  { rule: 'piscina-has-one-door', from: 'runtime/f/index.ts', imports: ['piscina'] },
  { rule: 'chart-js-has-one-door', from: 'web/g/g.ts', imports: ['chart.js'] },
  { rule: 'go-through-the-index', from: 'actors/i/index.ts', imports: ['../../workers/scan/scan.ts'] },
  { rule: 'go-through-the-index', from: 'runtime/g/index.ts', imports: ['../http/server.ts'] },
  { rule: 'go-through-the-index', from: 'web/h/h.ts', imports: ['../../proto/columns/layout.ts'] },
  { rule: 'top-files-go-through-the-index', from: 'runtime/other.ts', imports: ['./http/server.ts'] },
  { rule: 'top-files-go-through-the-index', from: 'web/other.ts', imports: ['../proto/columns/layout.ts'] },
  {
    rule: 'adapters-are-strangers',
    from: 'runtime/storage/clickhouse/other.ts',
    imports: ['../postgres/index.ts'],
  },
  {
    rule: 'adapters-are-strangers',
    from: 'runtime/receivers/otlp/other.ts',
    imports: ['../../storage/clickhouse/index.ts'],
  },
  { rule: 'tests-are-leaves', from: 'workers/scan/other.ts', imports: ['./scan.test.ts'] },
  { rule: 'no-dev-deps-in-product', from: 'runtime/h/index.ts', imports: ['vitest'] },
  { rule: 'no-dev-deps-in-product', from: 'workers/i/index.ts', imports: ['vitest'] },
  { rule: 'fixtures-are-for-tests', from: 'actors/j/index.ts', imports: ['../fixtures/index.ts'] },
  {
    rule: 'fixtures-are-for-tests',
    from: 'actors/k/index.ts',
    imports: ['../../workers/reference/index.ts'],
  },
  {
    rule: 'fixtures-are-for-tests',
    from: 'runtime/receivers/otlp/more.ts',
    imports: ['./receiver-fixture.ts'],
  },
  { rule: 'fixtures-are-for-tests', from: 'runtime/more.ts', imports: ['./end-to-end/test-platform.ts'] },
  { rule: 'no-orphans', from: 'workers/j/index.ts', imports: [] },
];

/** What the planted files need to be wrong. */
const ACCOMPLICES: Tree = { 'workers/b/index.ts': ['../a/index.ts'] };

type Tree = Readonly<Record<string, readonly string[]>>;

/** Everything that the rules find wrong in a tree, by the tool itself. */
async function violationsOf(folder: string, tree: Tree): Promise<Violation[]> {
  for (const [path, imports] of Object.entries(tree)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    const lines = imports.map((from, index) => `import * as i${index} from '${from}'; export { i${index} };`);
    await writeFile(join(folder, path), `${lines.join('\n')}\nexport const x = 1;\n`);
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [CRUISER, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...LAYERS],
    { cwd: folder, encoding: 'utf8', timeout: 30_000, maxBuffer: 2 ** 26 },
  );
  if (stdout === '') throw new Error(stderr);
  const result = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  const found = result.summary.violations.map(({ from, rule }) => `${rule.name} ${from}`);
  return [...new Set(found)].sort().map((text) => {
    const [rule = '', from = ''] = text.split(' ');
    return { rule, from };
  });
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ophion-rules-'));
  await copyFile(fileURLToPath(RULES), join(folder, '.dependency-cruiser.mjs'));
  await copyFile(fileURLToPath(new URL('tsconfig.json', ROOT)), join(folder, 'tsconfig.json'));
  const versions = (names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, '1.0.0']));
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      type: 'module',
      dependencies: versions(DEPENDENCIES),
      devDependencies: versions(DEV_DEPENDENCIES),
    }),
  );
  for (const name of [...DEPENDENCIES, ...DEV_DEPENDENCIES]) {
    const place = join(folder, 'node_modules', name);
    await mkdir(place, { recursive: true });
    await writeFile(
      join(place, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    );
    await writeFile(join(place, 'index.js'), '');
  }
  return folder;
}

describe('the import rules', () => {
  const folders: string[] = [];
  const find = async (tree: Tree): Promise<Violation[]> => {
    const folder = await makeFolder();
    folders.push(folder);
    return violationsOf(folder, tree);
  };
  let planted: Violation[];

  beforeAll(async () => {
    const more = Object.fromEntries(PLANTED.map(({ from, imports }) => [from, imports]));
    planted = await find({ ...KEPT, ...ACCOMPLICES, ...more });
  }, 60_000);
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it('find nothing in a tree that keeps them', async () => {
    expect(await find(KEPT)).toEqual([]);
  }, 60_000);

  it.each(PLANTED)('$rule is broken by $from', ({ rule, from }) => {
    expect(
      planted.filter((violation) => violation.from === from).map((violation) => violation.rule),
    ).toContain(rule);
  });

  it('find nothing in files where nothing was planted', () => {
    const where = new Set(PLANTED.map(({ from }) => from));
    expect(planted.filter(({ from }) => !where.has(from))).toEqual([]);
  });

  it('are all planted against', async () => {
    const { default: config } = (await import(RULES.href)) as {
      default: { forbidden: { name: string; severity: string }[] };
    };
    expect(new Set(PLANTED.map(({ rule }) => rule))).toEqual(
      new Set(config.forbidden.map(({ name }) => name)),
    );
    expect(config.forbidden.filter(({ severity }) => severity !== 'error')).toEqual([]);
  });

  it('let each folder see what it may, and nothing else', async () => {
    const targets = Object.fromEntries(LAYERS.map((layer) => [`${layer}/target/index.ts`, ['./more.ts']]));
    const more = Object.fromEntries(LAYERS.map((layer) => [`${layer}/target/more.ts`, []]));
    const pairs = LAYERS.flatMap((from) =>
      LAYERS.map((to) => ({
        from,
        to,
        path: `${from}/sees/${to}.ts`,
        isAllowed: from === to || SEES[from].includes(to),
      })),
    );
    const found = await find({
      ...targets,
      ...more,
      ...Object.fromEntries(pairs.map(({ path, to }) => [path, [`../../${to}/target/index.ts`]])),
    });
    const forbidden = pairs.filter(({ isAllowed }) => !isAllowed).map(({ path }) => path);
    expect([...new Set(found.map(({ from }) => from))].sort()).toEqual(forbidden.sort());
  }, 60_000);
});
