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

/** A node that sends no telemetry of its own. */
export interface VirtualPeer {
  readonly type: 'database' | 'messaging' | 'external';
  /** `type:name`. */
  readonly id: string;
  readonly name: string;
}

/** Which databases, queues and hosts spans talk to, after OpenTelemetry's semantic conventions. One a generation. */
export class PeerReader {
  private readonly dictionary: DictionaryReader;
  /** By attribute code: index into `KEYS`, or -1. */
  private readonly keyOf: number[] = [];

  constructor(dictionary: DictionaryReader) {
    this.dictionary = dictionary;
  }

  peerOf(attributes: ListColumn<Int32Array>, row: number): VirtualPeer | undefined {
    const values: Partial<Record<Key, string>> = {};
    const end = attributes.offsets[row + 1] ?? 0;
    for (let i = attributes.offsets[row] ?? 0; i < end; i += 1) {
      const code = attributes.items[i] ?? 0;
      const key = KEYS[this.keyIndex(code)];
      if (key !== undefined) values[key] = anyValueText(this.dictionary.attribute(code).value);
    }
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

  private keyIndex(code: number): number {
    return (this.keyOf[code] ??= KEYS.indexOf(this.dictionary.attribute(code).key as Key));
  }
}

function virtualPeer(type: VirtualPeer['type'], kind: string, name: string | undefined): VirtualPeer {
  const label = name === undefined || name === '' ? kind : `${kind} ${name}`;
  return { type, id: `${type}:${label}`, name: label };
}
