import type { ListColumn } from '../../proto/columns/index.ts';
import type { DictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import { plainStatement, type Call, type CallSystem } from '../kernels/tips/index.ts';
import { peerReader } from '../topology/index.ts';

/** What a call says of itself, by OpenTelemetry's semantic conventions; newer names come first. */
const KEYS = {
  database: ['db.system.name', 'db.system'],
  statement: ['db.query.text', 'db.statement'],
  command: ['db.operation.name', 'db.operation'],
  messaging: ['messaging.system'],
  rpc: ['rpc.system'],
  method: ['http.request.method', 'http.method'],
  answerBytes: ['http.response.body.size', 'http.response_content_length'],
  requestBytes: ['http.request.body.size', 'http.request_content_length', 'messaging.message.body.size'],
  resends: ['http.request.resend_count', 'http.resend_count'],
} as const;
type Fact = keyof typeof KEYS;

/** Values of `db.system.name` of stores that answer by key from memory. */
const CACHES: ReadonlySet<string> = new Set([
  'redis',
  'memcached',
  'valkey',
  'keydb',
  'dragonfly',
  'hazelcast',
]);
const READS =
  /^(?:select|get|mget|hget|hgetall|hmget|find|count|aggregate|query|scan|exists|head|lrange|smembers)\b/i;

const FACT_OF = new Map<string, { readonly fact: Fact; readonly rank: number }>(
  Object.entries(KEYS).flatMap(([fact, keys]) =>
    keys.map((key, rank) => [key, { fact: fact as Fact, rank }] as const),
  ),
);

/** What tips look at, of the client or producer span in a row. */
export function readCall(
  dictionary: DictionaryReader,
  attributes: ListColumn<Int32Array>,
  row: number,
): Call {
  const facts = factsOf(dictionary, attributes, row);
  const statement = plainStatement(facts.statement ?? '');
  const system = systemOf(facts);
  const verb = facts.command ?? (system === 'http' ? facts.method : undefined) ?? statement;
  return {
    system,
    peer: peerReader(dictionary).peerOf(attributes, row)?.name ?? '',
    statement,
    isRead: READS.test(verb),
    bytes: Math.max(sizeOf(facts.answerBytes), sizeOf(facts.requestBytes)),
    resends: sizeOf(facts.resends),
  };
}

type Facts = Partial<Record<Fact, string>>;

function factsOf(
  dictionary: DictionaryReader,
  { offsets, items }: ListColumn<Int32Array>,
  row: number,
): Facts {
  const facts: Facts = {};
  const ranks: Partial<Record<Fact, number>> = {};
  const end = offsets[row + 1] ?? 0;
  for (let at = offsets[row] ?? 0; at < end; at += 1) {
    const code = items[at] ?? 0;
    const known = FACT_OF.get(dictionary.attributeKey(code));
    if (!known || (ranks[known.fact] ?? Infinity) <= known.rank) continue;
    facts[known.fact] = anyValueText(dictionary.attribute(code).value);
    ranks[known.fact] = known.rank;
  }
  return facts;
}

function systemOf({ database, messaging, rpc, method }: Facts): CallSystem {
  if (database !== undefined) return CACHES.has(database.toLowerCase()) ? 'cache' : 'database';
  if (messaging !== undefined) return 'messaging';
  if (rpc !== undefined) return 'rpc';
  return method === undefined ? 'other' : 'http';
}

function sizeOf(text: string | undefined): number {
  const size = Number(text);
  return Number.isFinite(size) && size > 0 ? size : 0;
}
