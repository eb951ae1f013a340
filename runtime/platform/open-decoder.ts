import { readFile } from 'node:fs/promises';
import { createDecoder, type Decoder } from '../../workers/decode/index.ts';
import type { Logger } from '../log/index.ts';

/**
 * The decoder in WebAssembly, or, where its file is missing or the machine has no SIMD, the one in JavaScript: the same
 * results at a fraction of the speed.
 */
export async function openDecoder(file: string | undefined, log: Logger): Promise<Decoder> {
  const decoder = createDecoder(await readModule(file, log));
  log.info({ engine: decoder.engine }, 'decoder');
  return decoder;
}

async function readModule(
  file: string | undefined,
  log: Logger,
): Promise<{ readonly module?: WebAssembly.Module }> {
  if (file === undefined) return {};
  try {
    return { module: await WebAssembly.compile(await readFile(file)) };
  } catch (error) {
    log.warn(
      { err: error, file },
      'the WebAssembly decoder cannot be used; decoding is several times slower',
    );
    return {};
  }
}
