export { errorResponse } from './api-error.ts';
export { openRights } from './rights.ts';
export * from './router.ts';
