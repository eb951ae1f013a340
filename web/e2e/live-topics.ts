import type { WebSocket } from 'ws';
import {
  INSIGHT_COLUMNS,
  LOG_TAIL_COLUMNS,
  SPAN_TAIL_COLUMNS,
  type ClientMessage,
  type FrameHead,
  type LiveTopic,
} from '../../proto/live/index.ts';
import type { InsightJson } from '../../proto/api/index.ts';
import { encodeFrame, type FrameRow } from './frames.ts';
import { redFrame, type RedFigure } from './red-rows.ts';

interface Subscriber {
  readonly socket: WebSocket;
  readonly subscription: number;
  readonly topic: LiveTopic;
}

interface Stored extends RedFigure {
  readonly sequence: number;
}

/** The server's side of `/live`: a ring of RED figures, subscribers, and frames to them. */
export class LiveTopics {
  readonly received: ClientMessage[] = [];
  /** While true the server hears but says nothing, like the far end of a cut cable. */
  isMute = false;
  private readonly subscribers = new Map<string, Subscriber>();
  private readonly ring = new Map<string, Stored>();
  private readonly insights = new Map<string, { readonly insight: InsightJson; readonly sequence: number }>();
  private readonly sockets = new Set<WebSocket>();
  private isRefusing = false;
  private sequence = Date.now();
  /** Frames of tails, and how many there were. */
  private readonly tails: { readonly kind: string; readonly rows: readonly FrameRow[] }[] = [];
  private instance = 1;

  connect(socket: WebSocket): void {
    if (this.isRefusing) {
      socket.close(1001, 'going away');
      return;
    }
    this.sockets.add(socket);
    socket.on('message', (data: Buffer) => {
      this.take(socket, JSON.parse(data.toString()) as ClientMessage);
    });
    socket.on('close', () => {
      this.sockets.delete(socket);
      for (const [key, subscriber] of this.subscribers) {
        if (subscriber.socket === socket) this.subscribers.delete(key);
      }
    });
  }

  /** Puts figures into the ring and sends them to whoever watches. */
  publish(figures: readonly RedFigure[]): void {
    this.sequence = Math.max(this.sequence + 1, Date.now());
    for (const figure of figures) {
      const key = `${figure.service}\n${figure.operation ?? ''}\n${figure.second}`;
      this.ring.set(key, { ...figure, sequence: this.sequence });
    }
    for (const one of this.subscribers.values()) this.sendRed(one, figures, 'change');
  }

  /** Insights that are new, have changed or are over. */
  changeInsights(changed: readonly InsightJson[]): void {
    this.sequence = Math.max(this.sequence + 1, Date.now());
    for (const insight of changed) this.insights.set(insight.id, { insight, sequence: this.sequence });
    for (const one of this.subscribers.values()) this.sendInsights(one, changed, 'change');
  }

  /** Of a platform that has restarted: what tails had is gone. */
  restart(): void {
    this.instance += 1;
    this.tails.length = 0;
  }

  sendTail(kind: 'spans' | 'logs', rows: readonly FrameRow[], dropped = 0): void {
    this.tails.push({ kind, rows });
    for (const { socket, topic } of this.subscribers.values()) {
      if (topic.kind !== kind) continue;
      const head = { ...this.head(topic, 'change'), dropped: String(dropped), cursor: this.cursor };
      socket.send(encodeFrame(kind === 'spans' ? SPAN_TAIL_COLUMNS : LOG_TAIL_COLUMNS, rows, head));
    }
  }

  /** Cuts every connection and takes no new one until `comeBack`. */
  goAway(): void {
    this.isRefusing = true;
    for (const socket of this.sockets) socket.terminate();
  }

  comeBack(): void {
    this.isRefusing = false;
  }

  sendRaw(data: Uint8Array | string): void {
    for (const socket of this.sockets) socket.send(data);
  }

  stop(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  private get cursor(): string {
    return `${this.instance}.${this.tails.length}`;
  }

  private goOn({ socket, subscription, topic }: Subscriber, after: string): void {
    const [instance, arrival] = after.split('.').map(Number);
    const isSame = instance === this.instance;
    const missed = isSame ? this.tails.slice(arrival).filter(({ kind }) => kind === topic.kind) : [];
    const head = { ...this.head(topic, 'change'), subscription: String(subscription), cursor: this.cursor };
    const columns = topic.kind === 'spans' ? SPAN_TAIL_COLUMNS : LOG_TAIL_COLUMNS;
    const rows = missed.flatMap((each) => each.rows);
    socket.send(encodeFrame(columns, rows, isSame ? head : { ...head, gap: 'restarted' }));
  }

  private head(topic: LiveTopic, mode: FrameHead['mode']): FrameHead {
    return { topicKey: JSON.stringify(topic), sequence: String(this.sequence), mode };
  }

  private take(socket: WebSocket, message: ClientMessage): void {
    this.received.push(message);
    const key = `${[...this.sockets].indexOf(socket)}/${message.subscription}`;
    if (message.type === 'unsubscribe') {
      this.subscribers.delete(key);
      return;
    }
    const subscriber = { socket, subscription: message.subscription, topic: message.topic };
    this.subscribers.set(key, subscriber);
    if (this.isMute) return;
    const topicKey = JSON.stringify(message.topic);
    const { since, after } = message;
    const isTail = message.topic.kind === 'spans' || message.topic.kind === 'logs';
    const cursor = isTail && after === undefined ? { cursor: this.cursor } : {};
    const { subscription } = message;
    socket.send(JSON.stringify({ type: 'subscribed', subscription, topicKey, ...cursor }));
    if (after !== undefined) this.goOn(subscriber, after);
    const rows = [...this.ring.values()].filter((row) => row.sequence > (since ?? 0));
    const mode = since === undefined ? 'snapshot' : 'change';
    this.sendRed(subscriber, rows, mode);
    const known = [...this.insights.values()].filter(({ insight, sequence }) =>
      since === undefined ? insight.state === 'open' : sequence > since,
    );
    this.sendInsights(
      subscriber,
      known.map(({ insight }) => insight),
      mode,
    );
  }

  private sendInsights(
    { socket, topic }: Subscriber,
    insights: readonly InsightJson[],
    mode: FrameHead['mode'],
  ): void {
    if (topic.kind !== 'insights' || (insights.length === 0 && mode === 'change')) return;
    const rows = insights.map((insight) => ({
      ...{ id: insight.id, kind: insight.kind, state: insight.state, severity: insight.severity },
      ...{ service: insight.service.id, title: insight.title, startedUnixMs: insight.startedUnixMs },
      ...{ updatedUnixMs: insight.updatedUnixMs, insight: JSON.stringify(insight) },
    }));
    socket.send(encodeFrame(INSIGHT_COLUMNS, rows, this.head(topic, mode)));
  }

  private sendRed(
    { socket, topic }: Subscriber,
    figures: readonly RedFigure[],
    mode: FrameHead['mode'],
  ): void {
    if (topic.kind !== 'overview' && topic.kind !== 'service') return;
    const rows = figures.filter((figure) =>
      topic.kind === 'overview' ? (figure.operation ?? '') === '' : figure.service === topic.service,
    );
    if (rows.length > 0 || mode === 'snapshot') socket.send(redFrame(rows, this.head(topic, mode)));
  }
}
