export { judgeGrowth, type SeriesGrowth, type SeriesHour } from './judge-growth.ts';
