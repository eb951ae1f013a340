import type { ServiceId } from '../../proto/columns/index.ts';
import type { OpenInsight } from './open-insight.ts';
import { isClear, troubleOf, type Symptom, type Trouble } from './symptom.ts';

/** What begins so long after an insight is not of it unless its causes say so. */
export const LATER_MS = 60_000;

/** Symptoms that no insight has taken yet, by service, and which insight has which series. */
export class Claims {
  private readonly owners = new Map<string, OpenInsight>();
  private readonly left: Map<ServiceId, readonly Symptom[]>;

  constructor(open: Iterable<OpenInsight>, troubles: ReadonlyMap<ServiceId, Trouble>) {
    this.left = new Map([...troubles].map(([id, { symptoms }]) => [id, symptoms]));
    for (const insight of open) {
      for (const { symptoms } of insight.members.values()) {
        for (const symptom of symptoms) {
          const { key } = symptom.series;
          if (isClear(symptom) && !this.owners.has(key)) this.owners.set(key, insight);
        }
      }
    }
  }

  /** Takes what is of an insight at one of its services: its series for as long as they are off, and others that began when it did. */
  take(insight: OpenInsight, serviceId: ServiceId): Trouble | undefined {
    const symptoms = this.left.get(serviceId);
    if (symptoms === undefined) return undefined;
    const own = symptoms.filter((symptom) => this.isOf(insight, symptom));
    if (own.length === 0) return undefined;
    this.left.set(
      serviceId,
      symptoms.filter((symptom) => !own.includes(symptom)),
    );
    return troubleOf(own);
  }

  /** All that nobody took of a service. */
  takeAll(serviceId: ServiceId): void {
    this.left.delete(serviceId);
  }

  /** What nobody took. */
  rest(): readonly Trouble[] {
    return [...this.left.values()]
      .map((symptoms) => troubleOf(symptoms))
      .filter((trouble) => trouble !== undefined);
  }

  private isOf(insight: OpenInsight, { series }: Symptom): boolean {
    // One that was read at start has nothing yet that could be told apart.
    if (insight.members.size === 0) return true;
    const isInTime = series.sinceMs <= insight.startedMs + LATER_MS;
    const owner = this.owners.get(series.key);
    if (owner === undefined) return isInTime;
    if (owner !== insight) return false;
    // A series that had been well again meanwhile is a new matter.
    return isInTime || series.sinceMs <= sinceOf(insight, series.key) + LATER_MS;
  }
}

function sinceOf({ members }: OpenInsight, key: string): number {
  for (const { symptoms } of members.values()) {
    for (const { series } of symptoms) if (series.key === key) return series.sinceMs;
  }
  return Number.NEGATIVE_INFINITY;
}
