// Hot: once a resource and a scope. Bench: bench/decode.
import type { Signal } from '../../proto/columns/index.ts';
import type { BatchBuilder, InterningTable } from '../columns/index.ts';
import { ByteBuffer, WireReader } from '../wire/index.ts';
import type { DecodeContext, RowOrigin } from './decode-context.ts';
import type { ServiceBatches, ServiceKeys } from './service-batches.ts';
import { validateResource, validateScope, type EntryWalk } from './validate-entries.ts';

/** Reads the item (a span, a log record, a metric) from the cursor to `end`, and commits or discards its rows. */
export type ItemReader<S extends Signal> = (
  context: DecodeContext,
  batch: BatchBuilder<S>,
  origin: RowOrigin,
  end: number,
) => void;

/**
 * Walks `Export…ServiceRequest` → `Resource…` → `Scope…` → items; the three signals number these fields alike.
 * Fields may come in any order, so each level is walked twice: what it is about first, what it contains then.
 */
export class RequestReader<S extends Signal> {
  private readonly context: DecodeContext;
  private readonly services: ServiceKeys;
  private readonly batches: ServiceBatches<S>;
  private readonly readItem: ItemReader<S>;
  private readonly origin: RowOrigin = { resource: 0, scope: 0 };
  private readonly entry = new ByteBuffer();
  private readonly entryReader = new WireReader();

  constructor(
    context: DecodeContext,
    services: ServiceKeys,
    batches: ServiceBatches<S>,
    readItem: ItemReader<S>,
  ) {
    this.context = context;
    this.services = services;
    this.batches = batches;
    this.readItem = readItem;
  }

  readRequest(end: number): void {
    const reader = this.context.reader;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) this.readResourceItems(reader.delimit(end));
      else reader.skip(tag, end);
    }
  }

  private readResourceItems(end: number): void {
    const { reader, dictionary } = this.context;
    const start = reader.pos;
    this.origin.resource = this.internOwner(dictionary.resources, validateResource, end);
    reader.pos = start;
    let batch: BatchBuilder<S> | undefined;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 18) {
        batch ??= this.batches.builderOf(this.services.of(this.origin.resource, dictionary.resources));
        this.readScopeItems(batch, reader.delimit(end));
      } else {
        reader.skip(tag, end);
      }
    }
  }

  private readScopeItems(batch: BatchBuilder<S>, end: number): void {
    const { reader, dictionary } = this.context;
    const start = reader.pos;
    this.origin.scope = this.internOwner(dictionary.scopes, validateScope, end);
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 18) {
        const stop = reader.delimit(end);
        this.readItem(this.context, batch, this.origin, stop);
      } else {
        reader.skip(tag, end);
      }
    }
  }

  /** Interns fields 1 (resource or scope) and 3 (schema URL) of the message, as they came. */
  private internOwner(
    table: InterningTable,
    validateOwner: (walk: EntryWalk, end: number) => void,
    end: number,
  ): number {
    const reader = this.context.reader;
    const entry = this.entry;
    const start = reader.pos;
    entry.clear();
    while (reader.pos < end) {
      const fieldStart = reader.pos;
      const tag = reader.tag(end);
      reader.skip(tag, end);
      if (tag === 10 || tag === 26) entry.append(reader.bytes, fieldStart, reader.pos);
    }
    const owner = this.entryReader.reset(entry.bytes);
    const code = table.find(owner, 0, entry.length);
    if (code >= 0) return code;
    reader.pos = start;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) validateOwner(this.context, reader.delimit(end));
      else reader.skip(tag, end);
    }
    return this.context.append(table, owner, 0, entry.length);
  }
}
