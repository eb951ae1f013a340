// A process of its own: what it costs must not count as the receiver's. Loopback only; ends with its parent.
// Messages in: LoadOrder, then 'stop' or 'drain'. Messages out: 'started', then LoadReport.
import { setTimeout as sleep } from 'node:timers/promises';
import { SIGNALS, type Signal } from '../../proto/columns/index.ts';
import { createNumberedRequests } from './numbered-requests.ts';
import { connectGrpc, connectHttp, type OtlpClient } from './otlp-client.ts';

export interface Senders {
  readonly transport: 'http' | 'http-json' | 'grpc';
  /** Connections, with one request under way each. */
  readonly count: number;
  /** Between two requests of a connection. */
  readonly pauseMs: number;
  /** How long to wait after a refusal: as told, or this. */
  readonly backOff: 'as-told' | number;
  /** Only of `http`. */
  readonly lostReplies?: number;
}

export interface LoadOrder {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly itemsPerRequest: number;
  /** By turns; all where left out. */
  readonly signals?: readonly Signal[];
  readonly senders: readonly Senders[];
}

export interface SignalReport {
  /** Numbers of requests that were acknowledged; each was sent once more after everything that is not that. */
  readonly acknowledged: readonly number[];
  /** Numbers of requests that were never acknowledged. */
  readonly open: readonly number[];
}

export interface LoadReport {
  readonly signals: { readonly [S in Signal]: SignalReport };
  /** Attempts, which are requests, by what was answered. */
  readonly attempts: { sent: number; acknowledged: number; refused: number; unanswered: number };
  /** Of refusals, as told. */
  readonly retryAfterMs: { readonly least: number; readonly most: number };
  readonly wrong: readonly string[];
}

const AFTER_SILENCE_MS = 100;

class Load {
  private readonly order: LoadOrder;
  private readonly acknowledged: Record<Signal, number[]> = { traces: [], metrics: [], logs: [] };
  private readonly open: Record<Signal, Set<number>> = {
    traces: new Set(),
    metrics: new Set(),
    logs: new Set(),
  };
  private readonly attempts = { sent: 0, acknowledged: 0, refused: 0, unanswered: 0 };
  private readonly retryAfterMs = { least: Infinity, most: 0 };
  private readonly wrong: string[] = [];
  private readonly clients: OtlpClient[] = [];
  private next = 1;
  private state: 'running' | 'draining' | 'stopped' = 'running';

  constructor(order: LoadOrder) {
    this.order = order;
  }

  /** `drain`: what is open is sent until it is acknowledged; else it stays open. */
  end(how: 'drain' | 'stop'): void {
    this.state = how === 'drain' ? 'draining' : 'stopped';
    if (how === 'stop') for (const client of this.clients) client.close();
  }

  async run(): Promise<LoadReport> {
    const requests = await createNumberedRequests(this.order.itemsPerRequest);
    const { signals = SIGNALS } = this.order;
    process.send?.('started');
    const workers = this.order.senders.flatMap((senders) =>
      Array.from({ length: senders.count }, async () => {
        const client = this.connect(senders);
        this.clients.push(client);
        while (this.state === 'running') {
          const number = this.next;
          this.next += 1;
          const signal = signals[number % signals.length] ?? 'traces';
          const encoding = senders.transport === 'http-json' ? 'json' : 'protobuf';
          await this.deliver(client, senders, signal, number, requests.encode(signal, number, encoding));
          if (senders.pauseMs > 0) await sleep(senders.pauseMs);
        }
        client.close();
      }),
    );
    await Promise.all(workers);
    const report = (signal: Signal): SignalReport => ({
      acknowledged: this.acknowledged[signal],
      open: [...this.open[signal]],
    });
    return {
      signals: { traces: report('traces'), metrics: report('metrics'), logs: report('logs') },
      attempts: this.attempts,
      retryAfterMs: this.retryAfterMs,
      wrong: this.wrong,
    };
  }

  private connect({ transport, lostReplies }: Senders): OtlpClient {
    const { httpPort, grpcPort } = this.order;
    if (transport === 'grpc') return connectGrpc(grpcPort);
    return connectHttp({
      port: httpPort,
      encoding: transport === 'http-json' ? 'json' : 'protobuf',
      ...(lostReplies === undefined ? {} : { lostReplies }),
    });
  }

  /** The same bytes, until they are acknowledged. */
  private async deliver(
    client: OtlpClient,
    { backOff }: Senders,
    signal: Signal,
    number: number,
    body: Buffer,
  ): Promise<void> {
    this.open[signal].add(number);
    while (this.state !== 'stopped') {
      this.attempts.sent += 1;
      const answer = await client.send(signal, body);
      switch (answer.type) {
        case 'acknowledged':
          this.attempts.acknowledged += 1;
          this.open[signal].delete(number);
          this.acknowledged[signal].push(number);
          return;
        case 'refused':
          this.attempts.refused += 1;
          this.retryAfterMs.least = Math.min(this.retryAfterMs.least, answer.retryAfterMs);
          this.retryAfterMs.most = Math.max(this.retryAfterMs.most, answer.retryAfterMs);
          await this.wait(backOff === 'as-told' ? answer.retryAfterMs : backOff);
          break;
        case 'unanswered':
          this.attempts.unanswered += 1;
          await this.wait(AFTER_SILENCE_MS);
          break;
        case 'wrong':
          this.wrong.push(answer.reason);
          return;
      }
    }
  }

  private async wait(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (this.state !== 'stopped' && performance.now() < until) {
      await sleep(Math.min(200, Math.max(1, until - performance.now())));
    }
  }
}

let load: Load | undefined;

process.on('message', (message: LoadOrder | 'drain' | 'stop') => {
  if (typeof message === 'string') {
    load?.end(message);
    return;
  }
  load = new Load(message);
  void load.run().then((report) => {
    process.send?.(report, () => {
      process.disconnect();
    });
  });
});
// Its parent is gone.
process.once('disconnect', () => {
  load?.end('stop');
});
