/** What the analyses of a trace need of a span. */
export interface TraceSpan {
  /** Hex. */
  readonly spanId: string;
  /** Hex; empty for none. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly service: { readonly id: string };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

/** Spans of a trace as threads get them, an element a span: cloning objects would take the sender longer than the work. */
export interface TraceColumns {
  /** Zero for none. */
  readonly spanIds: BigUint64Array;
  readonly parentSpanIds: BigUint64Array;
  readonly startsUnixNano: BigUint64Array;
  readonly endsUnixNano: BigUint64Array;
  readonly kinds: Int32Array;
  /** Places in `services`, and in `names`. */
  readonly serviceOf: Uint32Array;
  readonly nameOf: Uint32Array;
  readonly services: readonly string[];
  readonly names: readonly string[];
}

/** Columns of spans that come one after another. */
export class TraceColumnsBuilder {
  private readonly built: Omit<TraceColumns, 'services' | 'names'>;
  private readonly services = new Map<string, number>();
  private readonly names = new Map<string, number>();
  private count = 0;

  constructor(spans: number) {
    this.built = {
      spanIds: new BigUint64Array(spans),
      parentSpanIds: new BigUint64Array(spans),
      startsUnixNano: new BigUint64Array(spans),
      endsUnixNano: new BigUint64Array(spans),
      kinds: new Int32Array(spans),
      serviceOf: new Uint32Array(spans),
      nameOf: new Uint32Array(spans),
    };
  }

  add(span: TraceSpan): void {
    const { built, count } = this;
    built.spanIds[count] = idOf(span.spanId);
    built.parentSpanIds[count] = idOf(span.parentSpanId);
    built.startsUnixNano[count] = BigInt(span.startTimeUnixNano);
    built.endsUnixNano[count] = BigInt(span.endTimeUnixNano);
    built.kinds[count] = span.kind;
    built.serviceOf[count] = placeIn(this.services, span.service.id);
    built.nameOf[count] = placeIn(this.names, span.name);
    this.count += 1;
  }

  get columns(): TraceColumns {
    return { ...this.built, services: [...this.services.keys()], names: [...this.names.keys()] };
  }
}

function idOf(hex: string): bigint {
  return hex === '' ? 0n : BigInt(`0x${hex}`);
}

export function placeIn(places: Map<string, number>, text: string): number {
  let place = places.get(text);
  if (place === undefined) {
    place = places.size;
    places.set(text, place);
  }
  return place;
}
