import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A module that is built still finds what stands beside its source: migrations, `.proto` files, the thread's script. */
const sourceUrls: Plugin = {
  name: 'source-urls',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const fromBuilt = JSON.stringify(`../../${relative(ROOT, id)}`);
    return {
      code: code.replaceAll('import.meta.url', `new URL(${fromBuilt}, import.meta.url).href`),
      map: null,
    };
  },
};

/**
 * Packages that load files of their own: native, WebAssembly, a thread's script. All others are bundled, or a start would open and
 * compile some seven hundred small files.
 */
const WITH_FILES = [
  ...['chdb', 'uWebSockets.js', '@node-rs/argon2', '@electric-sql/pglite', 'piscina', 'pino'],
  ...['@grpc/grpc-js', '@grpc/proto-loader', 'grpc-health-check', 'protobufjs'],
];

export default defineConfig({
  root: ROOT,
  plugins: [sourceUrls],
  ssr: { noExternal: true, external: WITH_FILES },
  build: {
    outDir: 'dist/platform',
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    sourcemap: true,
    ssr: true,
    rolldownOptions: {
      input: {
        main: 'runtime/main.ts',
        cli: 'runtime/cli/run-cli.ts',
        'engine-child': 'runtime/storage/clickhouse/engine/engine-child.ts',
        'make-templates': 'runtime/storage/make-templates.ts',
      },
      output: { chunkFileNames: '[name]-[hash].js' },
      checks: { bundlerTimings: false },
    },
  },
});
