import type { DictionarySnapshot, ServiceKey } from '../../proto/columns/index.ts';
import { describeBatches, type NumberedPart } from './described-batches.ts';
import type { WindowNews } from './protocol.ts';

/** What one thread has been told of the windows, and what it has yet to be told. */
export class ToldWindow {
  private readonly batches = new Set<number>();
  private readonly bySegment = new Map<number, number[]>();
  private readonly services = new Map<ServiceKey, number>();
  /** Entries that the thread's dictionary of a generation has. */
  private readonly generations = new Map<number, number>();
  private evicted: number[] = [];

  get hasEvictions(): boolean {
    return this.evicted.length > 0;
  }

  isTold(id: number): boolean {
    return this.batches.has(id);
  }

  evict(segment: number): void {
    const ids = this.bySegment.get(segment);
    if (!ids) return;
    for (const id of ids) this.batches.delete(id);
    this.bySegment.delete(segment);
    this.evicted.push(segment);
  }

  forget(generations: readonly number[]): void {
    for (const generation of generations) this.generations.delete(generation);
  }

  /** News of evictions and of these batches; from here on they count as told. */
  take(parts: readonly NumberedPart[]): WindowNews {
    const dictionaries = this.takeDictionaries(parts);
    const services: ServiceKey[] = [];
    const batches = describeBatches(parts, (service) => {
      let place = this.services.get(service);
      if (place === undefined) {
        place = this.services.size;
        this.services.set(service, place);
        services.push(service);
      }
      return place;
    });
    for (const { id, segment } of parts) {
      this.batches.add(id);
      const ids = this.bySegment.get(segment);
      if (ids) ids.push(id);
      else this.bySegment.set(segment, [id]);
    }
    const { evicted } = this;
    this.evicted = [];
    return { services, dictionaries, batches, evicted };
  }

  private takeDictionaries(parts: readonly NumberedPart[]): DictionarySnapshot[] {
    const latest = new Map<number, DictionarySnapshot>();
    for (const { batch } of parts) {
      const { dictionary } = batch;
      const known = latest.get(dictionary.id);
      if (known === dictionary) continue;
      const entries = entryCount(dictionary);
      if (entries <= (this.generations.get(dictionary.id) ?? -1)) continue;
      latest.set(dictionary.id, dictionary);
      this.generations.set(dictionary.id, entries);
    }
    return [...latest.values()];
  }
}

function entryCount({ tables }: DictionarySnapshot): number {
  const { strings, attributes, resources, scopes, metrics, bounds } = tables;
  return strings.count + attributes.count + resources.count + scopes.count + metrics.count + bounds.count;
}
