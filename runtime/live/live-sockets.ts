import { clientMessage, CloseCode, TOPIC_NEEDS, type ServerMessage } from '../../proto/live/index.ts';
import type { LiveClient, LiveRef } from '../../actors/live/index.ts';
import type { ActorSystem } from '../../actors/system/index.ts';
import { errorResponse } from '../api/index.ts';
import { decide, visibleBy, type Grants, type Principal } from '../auth/index.ts';
import {
  AccessRefusedError,
  actorOf,
  withSecurityHeaders,
  type Admitted,
  type Refusal,
} from '../doors/index.ts';
import type { HttpRequestHead, HttpResponse, SocketEvents, SocketPeer } from '../http/index.ts';

/** A socket, and who opened it. */
interface Connected {
  readonly client: LiveClient;
  readonly principal: Principal;
  readonly address: string;
}

export interface LiveSocketsOptions {
  readonly system: ActorSystem;
  readonly live: LiveRef;
  readonly door: LiveDoor;
}

/** Whom sockets are opened to, and for how long. */
export interface LiveDoor {
  /** Rejects with `AccessRefusedError`. */
  admitPath(request: HttpRequestHead): Promise<Pick<Admitted, 'principal' | 'address'>>;
  /** As they are now; `undefined` when their session or key counts no more. */
  renewed(principal: Principal): Principal | undefined;
  noteRefusal(refusal: Refusal): void;
  /** From where, as far as is known. */
  addressOf(request: HttpRequestHead): string;
}

export interface LiveSockets extends SocketEvents {
  /** Closes sockets of those who count no more, or may see something else than when they came. Call after every change. */
  review(): void;
}

/** Between a server's sockets and the live actor: checks who speaks and what they say, and passes it on. */
export function liveSockets({ system, live, door }: LiveSocketsOptions): LiveSockets {
  const admitted = new WeakMap<HttpRequestHead, Omit<Connected, 'client'>>();
  const clients = new Map<SocketPeer, Connected>();
  const refusalOf = async (request: HttpRequestHead): Promise<HttpResponse | undefined> => {
    const foreign = refuseForeignOrigin(request);
    if (foreign) {
      door.noteRefusal({
        actor: 'anonymous',
        target: `${request.method} ${request.path}`,
        address: door.addressOf(request),
        reason: FOREIGN_ORIGIN,
      });
      return foreign;
    }
    try {
      const { principal, address } = await door.admitPath(request);
      if (principal) admitted.set(request, { principal, address });
      return principal ? undefined : { status: 401 };
    } catch (error) {
      if (error instanceof AccessRefusedError) return errorResponse(error);
      throw error;
    }
  };
  return {
    async admit(request) {
      const refusal = await refusalOf(request);
      // Whether browsers are to stay with TLS is said by the page that opens the socket.
      return refusal && withSecurityHeaders(refusal, false);
    },
    opened(peer, request) {
      const who = admitted.get(request);
      // Ended while the socket was being opened.
      if (!who || !door.renewed(who.principal)) {
        peer.close(CloseCode.signedOut, 'the session has ended');
        return;
      }
      const client: LiveClient = {
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
      };
      clients.set(peer, { client, ...who });
    },
    review() {
      for (const [peer, { principal }] of [...clients]) {
        const now = door.renewed(principal);
        if (!now) peer.close(CloseCode.signedOut, 'the session has ended, or the key counts no more');
        else if (!isSameAccess(principal, now)) {
          peer.close(CloseCode.accessChanged, 'what you may see has changed');
        }
      }
    },
    message(peer, text) {
      const connected = clients.get(peer);
      const parsed = clientMessage.safeParse(parseJson(text));
      if (!connected) return;
      const { client, principal, address } = connected;
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
      const { subscription, topic, since, after } = data;
      const needs = TOPIC_NEEDS[topic.kind];
      if (decide(needs, door.renewed(principal)) !== 'allowed') {
        const message = `this topic needs the permission ${needs}`;
        const refusal: ServerMessage = { type: 'refused', subscription, code: 'FORBIDDEN', message };
        client.send(JSON.stringify(refusal));
        door.noteRefusal({
          actor: actorOf(principal),
          target: `topic ${topic.kind}`,
          address,
          reason: message,
        });
        return;
      }
      system.tell(live, {
        type: 'subscribe',
        client,
        subscription,
        topic,
        visible: visibleBy(principal.grants, needs),
        ...(since === undefined ? {} : { since }),
        ...(after === undefined ? {} : { after }),
      });
    },
    drained(peer) {
      const connected = clients.get(peer);
      if (connected) system.tell(live, { type: 'drained', client: connected.client });
    },
    closed(peer) {
      const connected = clients.get(peer);
      clients.delete(peer);
      if (connected) system.tell(live, { type: 'closed', client: connected.client });
    },
  };
}

function isSameAccess({ grants: a }: Principal, { grants: b }: Principal): boolean {
  return a === b || textOf(a) === textOf(b);
}

function textOf({ permissions, narrowed }: Grants): string {
  return JSON.stringify([[...permissions].sort(), [...narrowed]]);
}

const FOREIGN_ORIGIN = 'the page comes from another origin';

/** Browsers let any page open a WebSocket to any host: only pages that we served ourselves may read telemetry. */
function refuseForeignOrigin(request: HttpRequestHead): HttpResponse | undefined {
  const origin = request.header('origin');
  if (origin === undefined) return undefined;
  const isOwn = URL.canParse(origin) && new URL(origin).host === request.header('host');
  return isOwn
    ? undefined
    : {
        status: 403,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: FOREIGN_ORIGIN,
      };
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
