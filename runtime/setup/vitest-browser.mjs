import { ensureWebBuilt } from './ensure.mjs';
import { setup as setUpAll } from './vitest.mjs';

/** Before the tests of pages. */
export function setup() {
  setUpAll();
  ensureWebBuilt();
}
