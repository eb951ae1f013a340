export { startDomain, type Domain } from './domain.ts';
