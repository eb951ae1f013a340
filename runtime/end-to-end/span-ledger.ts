import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceActivityJson, SpanJson } from '../../proto/api/index.ts';
import { fetchApi } from './signed-in.ts';

const SPANS_A_TRACE = 500;
const SENDERS = 3;
const PAUSE_MS = 100;
const SERVICE = 'ledger';

/** Sends spans and remembers each: acknowledged, or sent without an answer. One trace a request. */
export class SpanLedger {
  /** Span ids by trace id. */
  readonly acknowledged = new Map<string, readonly string[]>();
  readonly unanswered = new Map<string, readonly string[]>();
  /** Answers that asked to try again later; nothing of these may be found. */
  readonly refused = new Map<string, readonly string[]>();

  get acknowledgedSpans(): number {
    return this.acknowledged.size * SPANS_A_TRACE;
  }

  /** Several senders at a time until `stop` is aborted. */
  async sendTo(otlpHttpPort: number, stop: AbortSignal): Promise<void> {
    const send = async (): Promise<void> => {
      while (!stop.aborted) {
        await this.sendOne(otlpHttpPort);
        await sleep(PAUSE_MS);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, send));
  }

  private async sendOne(port: number): Promise<void> {
    const traceId = randomBytes(16).toString('hex');
    const spanIds = Array.from({ length: SPANS_A_TRACE }, () => randomBytes(8).toString('hex'));
    const book = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request(traceId, spanIds)),
      signal: AbortSignal.timeout(10_000),
    }).then(
      async (response) => {
        const body = await response.text();
        if (response.status === 200 && body === '{}') return this.acknowledged;
        if (response.status === 503) return this.refused;
        throw new Error(`a good request was answered ${response.status}: ${body}`);
      },
      () => this.unanswered,
    );
    book.set(traceId, spanIds);
  }

  /**
   * Compares with what the API finds. `missing`: acknowledged spans that are not there; `doubled`: spans that are there
   * more than once; `strange`: what was refused, or never sent; `counted` against `found`: the same by the overview.
   */
  async audit(apiPort: number): Promise<Audit> {
    const audit = { missing: 0, doubled: 0, strange: 0, found: 0, counted: 0 };
    const expected = [
      ...[...this.acknowledged].map((entry) => [...entry, 'acknowledged'] as const),
      ...[...this.unanswered].map((entry) => [...entry, 'unanswered'] as const),
      ...[...this.refused].map((entry) => [...entry, 'refused'] as const),
    ];
    const check = async (): Promise<void> => {
      for (let next = expected.pop(); next; next = expected.pop()) {
        const [traceId, spanIds, fate] = next;
        const { spans } = await read<{ spans: SpanJson[] }>(apiPort, `/api/v1/traces/${traceId}`);
        const there = new Set(spans.map(({ spanId }) => spanId));
        const missing = spanIds.filter((spanId) => !there.has(spanId)).length;
        audit.found += there.size;
        audit.doubled += spans.length - there.size;
        audit.strange += there.size - (spanIds.length - missing);
        if (fate === 'acknowledged') audit.missing += missing;
        if (fate === 'refused') audit.strange += there.size;
      }
    };
    await Promise.all(Array.from({ length: 6 }, check));
    const { services } = await read<{ services: ServiceActivityJson[] }>(
      apiPort,
      '/api/v1/services?from=now-1h',
    );
    audit.counted = services.find(({ name }) => name === SERVICE)?.spans ?? 0;
    return audit;
  }
}

export interface Audit {
  readonly missing: number;
  readonly doubled: number;
  readonly strange: number;
  readonly found: number;
  readonly counted: number;
}

async function read<Body>(port: number, path: string): Promise<Body> {
  const response = await fetchApi(port, path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}

function request(traceId: string, spanIds: readonly string[]): object {
  const nowNano = BigInt(Date.now()) * 1_000_000n;
  const spans = spanIds.map((spanId, index) => ({
    traceId,
    spanId,
    name: `operation ${index % 5}`,
    kind: 2,
    startTimeUnixNano: String(nowNano),
    endTimeUnixNano: String(nowNano + BigInt(index) * 1_000_000n),
    attributes: [{ key: 'index', value: { intValue: String(index) } }],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: SERVICE } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}
