import {
  ensureDecoderBuilt,
  ensurePlatformBuilt,
  ensureTemplatesMade,
  ensureThreadsBuilt,
} from './ensure.mjs';

/** Before the tests of a project, however they are started. */
export function setup() {
  ensureDecoderBuilt();
  ensureThreadsBuilt();
  ensurePlatformBuilt();
  ensureTemplatesMade();
}
