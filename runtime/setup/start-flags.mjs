import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './ensure.mjs';

/**
 * The flags that `npm start` gives Node.js, for whoever starts the platform without npm: they stand in package.json alone.
 * `--max-semi-space-size`: requests leave objects that die young; twice the room for them means half the collections, and
 * some 7 % less processor time a span over gRPC. `--initial-old-space-size`: below so much V8 makes no full collection for
 * want of room: see note 8 in runtime/decisions.
 */
export function startFlags() {
  return startWords().filter((word) => word.startsWith('--'));
}

/**
 * What it gives beside them. `MALLOC_MMAP_THRESHOLD_`: glibc, told nothing, lets it rise to 32 MiB, and keeps what smaller
 * pieces took: see note 6 in runtime/decisions. Others do not know it.
 */
export function startEnvironment() {
  const words = startWords();
  return Object.fromEntries(words.slice(0, words.indexOf('node')).map((word) => word.split('=')));
}

function startWords() {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return scripts.start.split(' ');
}
