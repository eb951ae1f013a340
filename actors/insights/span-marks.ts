import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { SpanTally } from '../../workers/watch/index.ts';
import type { KeptSpanMark, KeptSpanMarks } from '../ports/index.ts';

/** What spans of a service have: a type of failure (`exception.type`), or an attribute (its key). */
export interface SpanMark {
  readonly kind: 'error' | 'attribute';
  readonly name: string;
  readonly service: ServiceKey;
  readonly serviceId: ServiceId;
  /** Where a failure was seen first, and with what message. */
  readonly operation: string;
  readonly message: string;
  readonly firstMs: number;
  lastMs: number;
  /** Spans that have it, of those looked at. */
  count: number;
  /** Spans of the service that were looked at before its first one. */
  readonly spansBefore: number;
}

/** Spans of a service that were looked at: all for their failures, a sample for their attributes. */
export interface MarkedService {
  readonly service: ServiceKey;
  readonly sinceMs: number;
  spans: Record<SpanMark['kind'], number>;
}

type Seen = Pick<SpanMark, 'kind' | 'name' | 'operation' | 'message' | 'count'>;

const MOST_MARKS = 8_192;
const MOST_SERVICES = 4_096;

/** Since when spans of a service have what they have. Bounded: what was unseen the longest is forgotten. */
export class SpanMarks {
  /** In order of the last span. */
  private readonly marks = new Map<string, SpanMark>();
  private readonly services = new Map<ServiceId, MarkedService>();

  add({ exceptions, attributes }: Pick<SpanTally, 'exceptions' | 'attributes'>, nowMs: number): void {
    for (const { service, operation, exceptionType, message, count } of exceptions) {
      if (exceptionType === '') continue;
      this.note(service, { kind: 'error', name: exceptionType, operation, message, count }, nowMs);
    }
    for (const { service, keys } of attributes) {
      for (const [name, count] of keys) {
        this.note(service, { kind: 'attribute', name, operation: '', message: '', count }, nowMs);
      }
    }
    for (const { service, spans, sampled } of attributes) {
      const known = this.serviceOf(service, nowMs);
      known.spans = { error: known.spans.error + spans, attribute: known.spans.attribute + sampled };
    }
    for (const oldest of this.marks.keys()) {
      if (this.marks.size <= MOST_MARKS) break;
      this.marks.delete(oldest);
    }
  }

  all(): Iterable<SpanMark> {
    return this.marks.values();
  }

  find(subject: string): SpanMark | undefined {
    return this.marks.get(subject);
  }

  serviceOfMark({ serviceId }: SpanMark): MarkedService | undefined {
    return this.services.get(serviceId);
  }

  export(): KeptSpanMarks {
    const marks = [...this.marks.values()].map(({ serviceId, ...mark }): KeptSpanMark => mark);
    return { services: [...this.services.values()], marks };
  }

  restore({ services, marks }: KeptSpanMarks): void {
    for (const each of services) this.services.set(serviceIdOf(each.service), { ...each });
    for (const each of marks) {
      const mark = { ...each, serviceId: serviceIdOf(each.service) };
      this.marks.set(markSubject(mark), mark);
    }
  }

  private note(service: ServiceKey, seen: Seen, nowMs: number): void {
    const { spans } = this.serviceOf(service, nowMs);
    const serviceId = serviceIdOf(service);
    const subject = markSubject({ ...seen, serviceId });
    const known = this.marks.get(subject);
    const begun = { firstMs: nowMs, spansBefore: spans[seen.kind] };
    const mark = known ?? { ...seen, ...begun, service, serviceId, lastMs: nowMs, count: 0 };
    mark.count += seen.count;
    mark.lastMs = nowMs;
    this.marks.delete(subject);
    this.marks.set(subject, mark);
  }

  private serviceOf(service: ServiceKey, nowMs: number): MarkedService {
    const id = serviceIdOf(service);
    let known = this.services.get(id);
    if (known === undefined) {
      known = { service, sinceMs: nowMs, spans: { error: 0, attribute: 0 } };
      if (this.services.size < MOST_SERVICES) this.services.set(id, known);
    }
    return known;
  }
}

/** What feedback on it is kept under. */
export function markSubject({
  serviceId,
  kind,
  name,
}: Pick<SpanMark, 'serviceId' | 'kind' | 'name'>): string {
  return [serviceId, kind, name].join('\n');
}
