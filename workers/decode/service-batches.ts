import {
  UNKNOWN_SERVICE,
  type DictionarySnapshot,
  type ServiceBatch,
  type ServiceKey,
  type Signal,
} from '../../proto/columns/index.ts';
import { BatchBuilder, readResourceEntry, type Resource } from '../columns/index.ts';
import { MalformedWire, WireReader } from '../wire/index.ts';

/** Services in one request: what a large gateway collector sends is far below, what a flood of names makes is not. */
export const MAX_SERVICES = 4096;
export const TOO_MANY_SERVICES = `It holds items of more than ${MAX_SERVICES} services; send them in several requests.`;
/** Builders kept for the next request. */
const KEPT_BUILDERS = 64;

/** The table of resources of the generation in use. */
interface Resources {
  entry(code: number): Uint8Array;
}

/** `ServiceKey`s by resource code, decoded once a generation. Equal keys are the same object. */
export class ServiceKeys {
  private readonly byResource: (ServiceKey | undefined)[] = [];
  private readonly byName = new Map<string, ServiceKey>();

  of(resourceCode: number, resources: Resources): ServiceKey {
    return (this.byResource[resourceCode] ??= this.read(resources.entry(resourceCode)));
  }

  private read(entry: Uint8Array): ServiceKey {
    const key = serviceKeyOf(readResourceEntry(new WireReader().reset(entry), entry.length));
    const name = JSON.stringify([key.environment, key.namespace, key.name]);
    const known = this.byName.get(name);
    if (known) return known;
    this.byName.set(name, key);
    return key;
  }
}

/** `deployment.environment` is what `deployment.environment.name` was called before semantic conventions 1.27. */
function serviceKeyOf(resource: Resource): ServiceKey {
  const text = new Map<string, string>();
  for (const { key, value } of resource.attributes) {
    if (value?.kind === 'string') text.set(key, value.value);
  }
  const name = text.get('service.name') ?? '';
  return {
    namespace: text.get('service.namespace') ?? '',
    name: name === '' ? UNKNOWN_SERVICE : name,
    environment: text.get('deployment.environment.name') ?? text.get('deployment.environment') ?? '',
  };
}

/** The batches of one signal in the making, one a service. */
export class ServiceBatches<S extends Signal> {
  private readonly signal: S;
  private readonly open = new Map<ServiceKey, BatchBuilder<S>>();
  private readonly idle: BatchBuilder<S>[] = [];

  constructor(signal: S) {
    this.signal = signal;
  }

  builderOf(service: ServiceKey): BatchBuilder<S> {
    let builder = this.open.get(service);
    if (!builder) {
      if (this.open.size === MAX_SERVICES) {
        throw new MalformedWire(TOO_MANY_SERVICES);
      }
      builder = this.idle.pop() ?? new BatchBuilder(this.signal);
      this.open.set(service, builder);
    }
    return builder;
  }

  /** Services of which no item was accepted get no batch. */
  publish(dictionary: DictionarySnapshot): ServiceBatch<S>[] {
    const batches: ServiceBatch<S>[] = [];
    for (const [service, builder] of this.open) {
      if (builder.rowCount > 0) batches.push({ service, batch: builder.publish(dictionary) });
    }
    this.abandon();
    return batches;
  }

  abandon(): void {
    for (const builder of this.open.values()) {
      if (this.idle.length === KEPT_BUILDERS) break;
      builder.clear();
      this.idle.push(builder);
    }
    this.open.clear();
  }
}
