import { clientMessage, CloseCode } from '../../proto/live/index.ts';
import type { LiveClient, LiveRef } from '../../actors/live/index.ts';
import type { ActorSystem } from '../../actors/system/index.ts';
import type { HttpRequestHead, HttpResponse, SocketEvents, SocketPeer } from '../http/index.ts';

/** Between a server's sockets and the live actor: checks what clients say, and passes it on. */
export function liveSockets(system: ActorSystem, live: LiveRef): SocketEvents {
  const clients = new Map<SocketPeer, LiveClient>();
  return {
    admit: refuseForeignOrigin,
    opened(peer) {
      clients.set(peer, {
        join: (topic) => {
          peer.subscribe(topic);
        },
        leave: (topic) => {
          peer.unsubscribe(topic);
        },
        send: (message) => peer.send(message),
        get bufferedBytes() {
          return peer.bufferedBytes;
        },
        close: (code, reason) => {
          peer.close(code, reason);
        },
      });
    },
    message(peer, text) {
      const client = clients.get(peer);
      const parsed = clientMessage.safeParse(parseJson(text));
      if (!client) return;
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const where = issue?.path.join('.') ?? '';
        peer.close(CloseCode.badMessage, closeReason(`${where}: ${issue?.message ?? ''}`));
        return;
      }
      const { data } = parsed;
      if (data.type === 'unsubscribe') {
        system.tell(live, { type: 'unsubscribe', client, subscription: data.subscription });
        return;
      }
      const { subscription, topic, since } = data;
      system.tell(live, {
        type: 'subscribe',
        client,
        subscription,
        topic,
        ...(since === undefined ? {} : { since }),
      });
    },
    drained(peer) {
      const client = clients.get(peer);
      if (client) system.tell(live, { type: 'drained', client });
    },
    closed(peer) {
      const client = clients.get(peer);
      clients.delete(peer);
      if (client) system.tell(live, { type: 'closed', client });
    },
  };
}

/** Browsers let any page open a WebSocket to any host: only pages that we served ourselves may read telemetry. */
function refuseForeignOrigin(request: HttpRequestHead): HttpResponse | undefined {
  const origin = request.header('origin');
  if (origin === undefined) return undefined;
  const isOwn = URL.canParse(origin) && new URL(origin).host === request.header('host');
  return isOwn ? undefined : { status: 403, body: 'the page comes from another origin' };
}

/** A close frame has room for 123 bytes; `ws` throws on more. What clients wrote may be in it. */
const MOST_REASON_BYTES = 123;

function closeReason(text: string): string {
  const bytes = new Uint8Array(MOST_REASON_BYTES);
  // Writes whole characters only.
  const { written } = new TextEncoder().encodeInto(text, bytes);
  return new TextDecoder().decode(bytes.subarray(0, written));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
