import { aggregateRows, countValues } from '../aggregate/index.ts';
import { collectCalls, findTips } from '../calls/index.ts';
import { attributeUses, metricUses } from '../catalogue/index.ts';
import { findExemplars, findPoints } from '../metrics/index.ts';
import { expectedBand, forecastSeries, saturationCurves } from '../outlook/index.ts';
import { answerPromql, findMetrics, findSeries, gatherPoints } from '../prometheus/index.ts';
import { countRepeats } from '../repeats/index.ts';
import { findLogs, findSpansOf, findTraces } from '../search/index.ts';
import { collectShapeSpans, findTraceShapes, sampleTraces } from '../shapes/index.ts';
import { compareTraces, explainTrace } from '../traces/index.ts';
import { collectUsage, joinUsage } from '../usage/index.ts';
import {
  countLogs,
  findRecurrences,
  findRootCauses,
  judgeSeries,
  sampleSpans,
  tallyPoints,
  tallySpans,
} from '../watch/index.ts';
import type { TaskRegistry } from './task.ts';

/** All that threads can be asked to do, by name. The type of each is its contract. */
export const TASKS = {
  'find-traces': findTraces,
  'find-spans-of': findSpansOf,
  'find-logs': findLogs,
  'aggregate-rows': aggregateRows,
  'count-values': countValues,
  'metric-uses': metricUses,
  'attribute-uses': attributeUses,
  'find-exemplars': findExemplars,
  'find-points': findPoints,
  'find-metrics': findMetrics,
  'find-series': findSeries,
  'gather-points': gatherPoints,
  'answer-promql': answerPromql,
  'explain-trace': explainTrace,
  'compare-traces': compareTraces,
  'sample-traces': sampleTraces,
  'collect-shape-spans': collectShapeSpans,
  'find-trace-shapes': findTraceShapes,
  'tally-spans': tallySpans,
  'tally-points': tallyPoints,
  'count-logs': countLogs,
  'judge-series': judgeSeries,
  'sample-spans': sampleSpans,
  'find-root-causes': findRootCauses,
  'find-recurrences': findRecurrences,
  'forecast-series': forecastSeries,
  'expected-band': expectedBand,
  'saturation-curves': saturationCurves,
  'collect-calls': collectCalls,
  'find-tips': findTips,
  'collect-usage': collectUsage,
  'join-usage': joinUsage,
  'count-repeats': countRepeats,
} as const satisfies TaskRegistry;
export type Tasks = typeof TASKS;

/** The module that threads load. */
export const TASKS_THREAD_URL = new URL('tasks-thread.ts', import.meta.url).href;
