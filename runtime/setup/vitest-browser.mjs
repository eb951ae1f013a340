import { ensureRunnable, ensureWebBuilt } from './ensure.mjs';

/** Before the tests of pages. */
export async function setup() {
  await Promise.all([ensureRunnable(), ensureWebBuilt()]);
}
