import { ensureRunnable } from './ensure.mjs';

/** Before the tests of a project, however they are started. */
export function setup() {
  return ensureRunnable();
}
