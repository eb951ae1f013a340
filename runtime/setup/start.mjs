import { ensureReady } from './ensure.mjs';

ensureReady();
const { register } = await import('tsx/esm/api');
register();
await import('../main.ts');
