export { INSIGHT_HANDLERS, type InsightContext } from './insight-handlers.ts';
