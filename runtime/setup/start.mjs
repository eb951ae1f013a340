import { ensureReady } from './ensure.mjs';

ensureReady();
await import('../../dist/platform/main.js');
