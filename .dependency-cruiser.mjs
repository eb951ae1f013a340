/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'proto-is-the-floor',
      severity: 'error',
      comment: 'Contracts import no other layer.',
      from: { path: '^proto/' },
      to: { path: '^(workers|actors|runtime|web|bench)/' },
    },
    {
      name: 'workers-see-only-proto',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^(actors|runtime|web|bench)/' },
    },
    {
      name: 'actors-do-no-io',
      severity: 'error',
      comment: 'Actors reach the world through ports that runtime implements.',
      from: { path: '^actors/' },
      to: { path: '^(runtime|web|bench)/' },
    },
    {
      name: 'actors-import-no-drivers',
      severity: 'error',
      from: { path: '^(actors|workers|proto)/', pathNot: '\\.test\\.ts$|^workers/reference/' },
      to: {
        path: '^(node:)?(fs|net|http|http2|https|dns|tls|dgram|child_process)(/|$)|node_modules/(@clickhouse|chdb|pg|@electric-sql|@grpc|uWebSockets\\.js|ws)/',
      },
    },
    {
      name: 'runtime-does-not-see-web',
      severity: 'error',
      from: { path: '^runtime/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(web|bench)/' },
    },
    {
      name: 'web-sees-only-proto',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(workers|actors|runtime|bench)/' },
    },
    {
      name: 'web-runs-in-browsers',
      severity: 'error',
      from: { path: '^web/', pathNot: '^web/(vite|vitest|e2e)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nobody-imports-bench',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    {
      name: 'nact-has-one-door',
      severity: 'error',
      from: { pathNot: '^actors/system/' },
      to: { path: 'node_modules/nact/' },
    },
    {
      name: 'piscina-has-one-door',
      severity: 'error',
      from: { pathNot: '^workers/pool/' },
      to: { path: 'node_modules/piscina/' },
    },
    {
      name: 'go-through-the-index',
      severity: 'error',
      comment: 'From another folder import <layer>/<module>/index.ts, not its insides.',
      from: { path: '^([^/]+/[^/]+)/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(proto|workers|actors|runtime)/[^/]+/', pathNot: '^$1/|/index\\.ts$|^runtime/setup/' },
    },
    {
      name: 'top-files-go-through-the-index',
      severity: 'error',
      comment: 'The same for files that stand directly in a top folder, such as runtime/main.ts.',
      from: { path: '^[^/]+/[^/]+$', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(proto|workers|actors|runtime)/[^/]+/', pathNot: '/index\\.ts$|^runtime/setup/' },
    },
    {
      name: 'adapters-are-strangers',
      severity: 'error',
      comment: 'A storage, notify or receiver adapter never imports its sibling.',
      from: { path: '^runtime/(storage|notify|receivers)/([^/]+)/' },
      to: { path: '^runtime/(storage|notify|receivers)/[^/]+/', pathNot: '^runtime/$1/$2/' },
    },
    {
      name: 'chart-js-has-one-door',
      severity: 'error',
      from: { pathNot: '^web/charts/' },
      to: { path: 'node_modules/chart\\.js/' },
    },
    {
      name: 'tests-are-leaves',
      severity: 'error',
      from: { pathNot: '\\.test\\.tsx?$' },
      to: { path: '\\.test\\.tsx?$' },
    },
    {
      name: 'fixtures-are-for-tests',
      severity: 'error',
      comment: 'What only tests and benches need is not loaded by the product.',
      from: {
        pathNot: '\\.test\\.tsx?$|-fixture\\.ts$|/fixtures/|^runtime/end-to-end/|^workers/reference/|^bench/',
      },
      to: { path: '-fixture\\.ts$|/fixtures/|^runtime/end-to-end/|^workers/reference/' },
    },
    {
      name: 'no-dev-deps-in-product',
      severity: 'error',
      from: {
        path: '^(proto|workers|actors|runtime)/',
        pathNot: '\\.test\\.ts$|/fixtures/|^runtime/(setup|end-to-end)/|^workers/reference/',
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: '^runtime/setup/lint-comments|\\.d\\.m?ts$|\\.config\\.|/tasks/|\\.test\\.',
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript: its imports and types are checked by its own compiler. What is built is checked as it is written.
    exclude: { path: '^(workers/decode/wasm|dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
