#!/usr/bin/env node
// `ophion`: manages an installation from its machine, or over its API.
import { ensureInstalled, ensurePlatformBuilt, ensureTemplatesMade } from '../setup/ensure.mjs';

ensureInstalled();
await ensurePlatformBuilt();
await ensureTemplatesMade();
const { runCli } = await import('../../dist/platform/cli.js');
process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  write: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
  input: process.stdin,
});
