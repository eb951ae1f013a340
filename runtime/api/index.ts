export { errorResponse } from './api-error.ts';
export * from './router.ts';
