// Before the tests of a project, however they are started.
export { ensureDecoderBuilt as setup } from './ensure.mjs';
