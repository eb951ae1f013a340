import { readFile } from 'node:fs/promises';

const BUILT = new URL('../../dist/decoder.wasm', import.meta.url);

/** The decoder as the set-up last built it. */
export async function loadDecoderModule(): Promise<WebAssembly.Module> {
  const bytes = await readFile(BUILT).catch((cause: unknown) => {
    throw new Error('dist/decoder.wasm cannot be read: `npm test` and `npm start` build it', { cause });
  });
  return WebAssembly.compile(bytes);
}
