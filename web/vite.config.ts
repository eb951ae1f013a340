import solid from 'vite-plugin-solid';
import { defineConfig } from 'vite';

/** Contracts and zod declare and do nothing else: what the pages do not use of them is left out of the bundle. */
const DECLARATIONS = /[\\/]proto[\\/]|[\\/]node_modules[\\/]zod[\\/]/;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [solid()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // A data: URI would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      treeshake: { moduleSideEffects: (id) => !DECLARATIONS.test(id) },
      checks: { bundlerTimings: false },
    },
  },
  server: {
    proxy: { '/api': 'http://localhost:3000', '/live': { target: 'ws://localhost:3000', ws: true } },
  },
});
