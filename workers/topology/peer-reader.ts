// Hot: once a client, producer or consumer span. Bench: bench/ingest.
import type { ListColumn } from '../../proto/columns/index.ts';
import type { DictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';

/** What a span says of the other side, by the attribute that says it. Newer names of a convention come first. */
const KEYS = [
  'db.system.name',
  'db.system',
  'db.namespace',
  'db.name',
  'messaging.system',
  'messaging.destination.name',
  'peer.service',
  'server.address',
  'net.peer.name',
  'http.host',
] as const;
type Key = (typeof KEYS)[number];
const IS_KEY: ReadonlySet<string> = new Set(KEYS);

/** A node that sends no telemetry of its own. */
export interface VirtualPeer {
  readonly type: 'database' | 'messaging' | 'external';
  /** `type:name`. */
  readonly id: string;
  readonly name: string;
}

const Relevance = { unknown: 0, none: 1, some: 2 } as const;

/** Nothing was said of the other side. */
const NOTHING_SAID = 0;
/** Addresses may be as many as there are hosts: what goes beyond is worked out each time. */
const MAX_KNOWN = 65_536;
/** Greater than any number of what is known. */
const STEP = 2 ** 20;

/**
 * Which databases, queues and hosts spans talk to, after OpenTelemetry's semantic conventions. What a span says is a
 * run of attribute codes; each run is worked out once a generation.
 */
export class PeerReader {
  private readonly dictionary: DictionaryReader;
  private relevance = new Uint8Array(1024);
  /** From a run, and the code behind it, to the longer run. */
  private readonly runs = new Map<number, number>();
  private readonly peers: (VirtualPeer | undefined)[] = [undefined];

  constructor(dictionary: DictionaryReader) {
    this.dictionary = dictionary;
  }

  peerOf(attributes: ListColumn<Int32Array>, row: number): VirtualPeer | undefined {
    const { offsets, items } = attributes;
    const start = offsets[row] ?? 0;
    const end = offsets[row + 1] ?? 0;
    let run: number | undefined = NOTHING_SAID;
    for (let i = start; i < end; i += 1) {
      const code = items[i] ?? 0;
      if (!this.isRelevant(code)) continue;
      const step: number = code * STEP + run;
      run = this.runs.get(step) ?? this.learn(step, items.subarray(start, i + 1));
      if (run === undefined) return this.workOut(items.subarray(start, end));
    }
    return this.peers[run];
  }

  private learn(step: number, codes: Int32Array): number | undefined {
    if (this.peers.length === MAX_KNOWN) return undefined;
    this.runs.set(step, this.peers.length);
    return this.peers.push(this.workOut(codes)) - 1;
  }

  private workOut(codes: Int32Array): VirtualPeer | undefined {
    const values: Partial<Record<Key, string>> = {};
    for (const code of codes) {
      if (!this.isRelevant(code)) continue;
      const { key, value } = this.dictionary.attribute(code);
      values[key as Key] = anyValueText(value);
    }
    return peerFrom(values);
  }

  private isRelevant(code: number): boolean {
    const known = this.relevance[code] ?? Relevance.unknown;
    if (known !== Relevance.unknown) return known === Relevance.some;
    if (code >= this.relevance.length) {
      const larger = new Uint8Array(2 * code);
      larger.set(this.relevance);
      this.relevance = larger;
    }
    const isRelevant = IS_KEY.has(this.dictionary.attributeKey(code));
    this.relevance[code] = isRelevant ? Relevance.some : Relevance.none;
    return isRelevant;
  }
}

const readers = new WeakMap<DictionaryReader, PeerReader>();

/** The reader of a generation. */
export function peerReader(dictionary: DictionaryReader): PeerReader {
  let reader = readers.get(dictionary);
  if (!reader) {
    reader = new PeerReader(dictionary);
    readers.set(dictionary, reader);
  }
  return reader;
}

function peerFrom(values: Readonly<Partial<Record<Key, string>>>): VirtualPeer | undefined {
  const address = values['server.address'] ?? values['net.peer.name'] ?? values['http.host'];
  const database = values['db.system.name'] ?? values['db.system'];
  if (database !== undefined) {
    return virtualPeer('database', database, values['db.namespace'] ?? values['db.name'] ?? address);
  }
  const queue = values['messaging.system'];
  if (queue !== undefined) return virtualPeer('messaging', queue, values['messaging.destination.name']);
  const external = values['peer.service'] ?? address;
  return external === undefined ? undefined : virtualPeer('external', external, undefined);
}

function virtualPeer(type: VirtualPeer['type'], kind: string, name: string | undefined): VirtualPeer {
  const label = name === undefined || name === '' ? kind : `${kind} ${name}`;
  return { type, id: `${type}:${label}`, name: label };
}
