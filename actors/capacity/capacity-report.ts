import type { ServiceJson } from '../../proto/api/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import type { TaskRunner, Tasks } from '../../workers/pool/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { atATime, OutlookEngine, type ForecastOfSeries, type StepGrid } from '../outlook/index.ts';
import type { PrometheusEngine, QueryEngine } from '../query/index.ts';
import { findResources, learnResources, type Resource } from './find-resources.ts';
import { outlookText } from './outlook-text.ts';
import { saturatingMetrics, unlimitedMetrics } from './saturating-metrics.ts';
import { serviceLoads, type ServiceLoad } from './service-loads.ts';

export type { ServiceLoad } from './service-loads.ts';

export interface CapacitySource {
  readonly prometheus: Pick<PrometheusEngine, 'evaluate' | 'metrics'>;
  readonly query: Pick<QueryEngine, 'services' | 'loads'>;
  readonly threads: Pick<TaskRunner<Tasks>, 'run'>;
}

export interface CapacityQuestion {
  /** The past that forecasts are made of; its end is now. */
  readonly grid: StepGrid;
  /** Steps ahead. */
  readonly horizon: number;
  /** Resources that are forecast, and services that are shown, at most. */
  readonly limit: number;
}

export interface ResourceOutlook extends Resource {
  readonly name: string;
  /** `undefined` where no service of its name is known. */
  readonly service: ServiceJson | undefined;
  /** Of the limit; 1 is full. */
  readonly share: number;
  /** Unix ms; `undefined`: not foreseen. The sides are of 80 %. */
  readonly reachedUnixMs: number | undefined;
  readonly earliestUnixMs: number | undefined;
  readonly latestUnixMs: number | undefined;
  readonly text: string;
  readonly refusal: { readonly reason: string; readonly message: string } | undefined;
}

export interface CapacityAnswer {
  /** What is full first, first; then the fullest. */
  readonly resources: readonly ResourceOutlook[];
  readonly resourcesLeftOut: number;
  readonly loads: readonly ServiceLoad[];
  readonly loadsLeftOut: number;
}

const DAY_MS = 86_400_000;
/** Forecasts at a time: the threads are for other questions, too. */
const AT_A_TIME = 2;

/**
 * What runs out and when, and how much load services have left. The fullest resources are forecast, the busiest services looked at; how
 * many were left out is part of the answer. Within the limits of the run; rejects as the engines do.
 */
export class CapacityReport {
  private readonly source: CapacitySource;
  private readonly outlook: OutlookEngine;

  constructor(source: CapacitySource) {
    this.source = source;
    this.outlook = new OutlookEngine(source);
  }

  async make(question: CapacityQuestion, run: QueryRun): Promise<CapacityAnswer> {
    const { grid, limit } = question;
    const nowMs = grid.startUnixMs + (grid.count - 1) * grid.stepMs;
    const lastDay = nanosBetween(Math.max(grid.startUnixMs, nowMs - DAY_MS), nowMs);
    const services = await this.source.query.services(lastDay, run);
    const found = await this.resources(grid, nowMs, run);
    const chosen = found.slice(0, limit);
    const resources = await atATime(AT_A_TIME, chosen, (one) => this.foresee(one, question, services, run));
    const { loads, leftOut } = await run.timed('load', () => serviceLoads(this.source, lastDay, limit, run));
    return {
      resources: resources.sort(byUrgency),
      resourcesLeftOut: found.length - chosen.length,
      loads,
      loadsLeftOut: leftOut,
    };
  }

  /** The fullest first. */
  private async resources(past: StepGrid, nowMs: number, run: QueryRun): Promise<readonly Resource[]> {
    const { prometheus } = this.source;
    const metrics = await prometheus.metrics(nanosBetween(nowMs - RECENT_MS, nowMs + 1), run);
    const found: Resource[] = [];
    for (const metric of saturatingMetrics(metrics)) {
      found.push(...(await findResources(prometheus, metric, nowMs, run)));
    }
    found.push(...(await learnResources(prometheus, unlimitedMetrics(metrics), past, run)));
    return found.sort((a, b) => b.current / b.limit - a.current / a.limit);
  }

  private async foresee(
    resource: Resource,
    { grid, horizon }: CapacityQuestion,
    services: readonly ServiceJson[],
    run: QueryRun,
  ): Promise<ResourceOutlook> {
    const { query, labels, limit: limitValue } = resource;
    const asked = { query, grid, limit: 1, horizon, limitValue };
    const { series } = await this.outlook.forecast(asked, run);
    const name = nameOf(resource);
    const share = resource.current / resource.limit;
    const { reached, refusal, lastUnixMs } = reachedOf(series[0]);
    const at = (seconds: number | undefined): number | undefined =>
      seconds === undefined ? undefined : lastUnixMs + seconds * 1_000;
    return {
      ...{ ...resource, name, share, refusal, service: serviceOf(labels, services) },
      reachedUnixMs: at(reached.median),
      earliestUnixMs: at(reached.earliest),
      latestUnixMs: at(reached.latest),
      text: outlookText(name, share, reached, resource.metric.limit.type === 'learned'),
    };
  }
}

/** Metrics without points for so long are of what is no more. */
const RECENT_MS = 3_600_000;
const NOT_FORESEEN = { median: undefined, earliest: undefined, latest: undefined };

function reachedOf(forecast: ForecastOfSeries | undefined): {
  readonly reached: {
    readonly median: number | undefined;
    readonly earliest: number | undefined;
    readonly latest: number | undefined;
  };
  readonly refusal: ResourceOutlook['refusal'];
  readonly lastUnixMs: number;
} {
  if (!forecast) {
    const refusal = { reason: 'empty', message: 'the series has no points in the range' };
    return { reached: NOT_FORESEEN, refusal, lastUnixMs: 0 };
  }
  const { outcome, lastUnixMs } = forecast;
  if (outcome.type === 'forecast') {
    return { reached: outcome.reached ?? NOT_FORESEEN, refusal: undefined, lastUnixMs };
  }
  const { reason, message } = outcome;
  return { reached: NOT_FORESEEN, refusal: { reason, message }, lastUnixMs };
}

/** What a person would say it is: by the attribute that tells it apart, or by its metric. */
const PLACES = [
  ...['system.filesystem.mountpoint', 'mountpoint', 'k8s.volume.name', 'k8s.persistentvolumeclaim.name'],
  ...['system.device', 'device', 'db.client.connection.pool.name', 'pool.name', 'k8s.container.name'],
  ...['container.name', 'k8s.pod.name', 'jvm.memory.type', 'v8js.heap.space.name', 'queue', 'exporter'],
];

function nameOf({ metric, labels }: Resource): string {
  const place = PLACES.map((label) => labels[label]).find((value) => value !== undefined && value !== '');
  const who = labels['job'];
  const what = metric.kind === 'other' ? metric.name : metric.kind;
  return [what, place, who && `of ${who}`].filter(Boolean).join(' ');
}

function serviceOf(labels: Resource['labels'], services: readonly ServiceJson[]): ServiceJson | undefined {
  const job = labels['job'];
  const found = services.find(
    ({ namespace, name }) => job === (namespace === '' ? name : `${namespace}/${name}`),
  );
  if (!found) return undefined;
  const { id, namespace, name, environment } = found;
  return { id, namespace, name, environment };
}

function byUrgency(a: ResourceOutlook, b: ResourceOutlook): number {
  const [left, right] = [a, b].map(({ reachedUnixMs, share }) =>
    share >= 1 ? 0 : (reachedUnixMs ?? Infinity),
  );
  return left === right ? b.share - a.share : (left ?? 0) - (right ?? 0);
}

function nanosBetween(fromMs: number, toMs: number): TimeRange {
  return {
    fromUnixNano: BigInt(Math.floor(fromMs)) * 1_000_000n,
    toUnixNano: BigInt(Math.floor(toMs)) * 1_000_000n,
  };
}
