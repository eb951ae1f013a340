// npm run bench -- CASE [--json] [options of the case]: runs bench/CASE/CASE.bench.ts.
import { readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ensureReady, ROOT } from '../runtime/setup/ensure.mjs';

const FOLDER = join(ROOT, 'bench');
const [name, ...args] = process.argv.slice(2);
const fileOf = (benchCase) => join(FOLDER, benchCase, `${benchCase}.bench.ts`);
const cases = readdirSync(FOLDER).filter((folder) => existsSync(fileOf(folder)));

if (name === undefined || name === '--help' || name === '-h') {
  process.stdout.write(`usage: npm run bench -- CASE [--json] [options]\n\ncases: ${cases.join(', ')}\n`);
} else if (!cases.includes(name)) {
  process.stderr.write(`there is no case ${name}: expected one of ${cases.join(', ')}\n`);
  process.exitCode = 2;
} else {
  await ensureReady();
  const { register } = await import('tsx/esm/api');
  register();
  const { run } = await import(pathToFileURL(fileOf(name)).href);
  const { HelpAsked, OptionError } = await import('./read-options.ts');
  try {
    const result = await run(args.filter((arg) => arg !== '--json'));
    const isJson = args.includes('--json');
    process.stdout.write(`${isJson ? JSON.stringify({ case: name, ...result }) : text(result)}\n`);
    process.exit();
  } catch (error) {
    if (error instanceof HelpAsked) {
      process.stdout.write(`usage: npm run bench -- ${name} [options]\n\n${error.usage}\n`);
    } else if (error instanceof OptionError) {
      process.stderr.write(`${name}: ${error.message}\n`);
      process.exit(2);
    } else {
      throw error;
    }
  }
}

function text(result) {
  // `rows` are for machines: their case has printed them as a table.
  return Object.entries(result)
    .filter(([key]) => key !== 'rows')
    .map(([key, value]) => `${key.padEnd(28)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('\n');
}
