// Hot: every OTLP/HTTP request. Bench: bench/ingest.
import { createServer } from 'node:net';
import { Hold } from './byte-budget.ts';
import { ByteCollector } from './byte-collector.ts';
import {
  INTERNAL_ERROR,
  isStream,
  REQUEST_TIMEOUT_MS,
  type HttpRequestHead,
  type HttpResponse,
  type HttpServer,
  type HttpServerOptions,
} from './http-server.ts';
import { PendingBodies } from './pending-bodies.ts';
import { PortUnavailableError } from './port-unavailable-error.ts';
import { headOf, write } from './uws-messages.ts';
import { acceptSockets, type UwsPeer } from './uws-sockets.ts';
import { writeUwsStream } from './uws-stream.ts';
import type { UwsListenSocket, UwsModule, UwsResponse } from './uws.ts';

const LISTEN_EXCLUSIVE_PORT = 1;
const CLOSE_GRACE_MS = 5_000;

export async function listenUws(uws: UwsModule, options: HttpServerOptions): Promise<HttpServer> {
  const app = uws.App();
  const open = new Set<UwsPeer>();
  const answering = new AnswersUnderWay();
  const bodies = new PendingBodies<UwsResponse>(
    options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    (response) => {
      response.close();
    },
  );
  if (options.sockets) acceptSockets(app, options.sockets, open, options.onError);
  app.any('/*', (response, request) => {
    serve(options, response, headOf(response, request), answering, bodies);
  });

  const listening = await new Promise<UwsListenSocket | false>((resolve) => {
    // Exclusive, or a second process would silently share the port.
    app.listen(options.host, options.port, LISTEN_EXCLUSIVE_PORT, resolve);
  });
  if (!listening) {
    throw new PortUnavailableError(options.host, options.port, await whyNotListening(options));
  }

  const stop = (): Promise<void> => {
    uws.closeSocket(listening);
    bodies.stop();
    for (const peer of open) peer.close(1001, 'the server stops');
    return answering.settled(CLOSE_GRACE_MS).then(() => {
      app.close();
    });
  };
  let stopped: Promise<void> | undefined;
  return {
    port: uws.getSocketPort(listening),
    publish(topic, message) {
      app.publish(topic, message, true);
    },
    // A listening socket that is closed twice is freed memory: the process would end.
    close: () => (stopped ??= stop()),
  };
}

/** uWebSockets.js only says that it could not: the same is tried in a way that tells the reason. */
function whyNotListening({ host, port }: HttpServerOptions): Promise<unknown> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ host, port, exclusive: true }, () => {
      probe.close(() => {
        resolve(new Error('uWebSockets.js could not listen, and gave no reason'));
      });
    });
  });
}

/** Requests whose answers are not written yet: closing waits for them. */
class AnswersUnderWay {
  private count = 0;
  private readonly waiting: (() => void)[] = [];

  begin(): void {
    this.count += 1;
  }

  end(): void {
    this.count -= 1;
    if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
  }

  async settled(mostMs: number): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function serve(
  options: HttpServerOptions,
  response: UwsResponse,
  head: HttpRequestHead,
  answering: AnswersUnderWay,
  bodies: PendingBodies<UwsResponse>,
): void {
  const gone = new AbortController();
  let done = false;
  answering.begin();
  const finish = (): boolean => {
    if (done) return false;
    done = true;
    answering.end();
    return true;
  };
  const answer = async (reply: HttpResponse): Promise<void> => {
    if (done) return;
    const isHead = head.method === 'HEAD';
    response.cork(() => {
      write(response, reply, isHead);
    });
    if (!isStream(reply.body) || isHead) {
      finish();
      return;
    }
    try {
      await writeUwsStream(response, reply.body, gone.signal);
      finish();
    } catch (error) {
      if (finish()) response.close();
      throw error;
    }
  };
  const hold = new Hold(options.bodies?.budget);
  const reserve = (bytes: number): boolean => hold.take(bytes);
  const expectedBytes = Number(head.header('content-length') ?? 0);
  const body = new ByteCollector({ expectedBytes, maxBytes: options.maxBodyBytes, reserve });
  const forgetBody = (): void => {
    body.drop();
    hold.release();
  };
  let isHandled = false;
  bodies.begin(response);
  response.onAborted(() => {
    bodies.end(response);
    if (!isHandled) forgetBody();
    if (finish()) gone.abort();
  });
  const refused = options.admit?.(head);
  if (refused) {
    discard(response, () => {
      bodies.end(response);
      void answer(refused);
    });
    return;
  }
  collect(response, body, expectedBytes > options.maxBodyBytes, hold, (outcome) => {
    bodies.end(response);
    if (outcome !== 'kept') {
      hold.release();
      const { bodies } = options;
      const isWithoutRoom = outcome === 'no-room' && bodies;
      void answer(isWithoutRoom ? bodies.noRoom(head, hold.wantedBytes) : options.tooLarge(head));
      return;
    }
    isHandled = true;
    Promise.resolve({ ...head, body: body.finish(), reserve, signal: gone.signal })
      .then(options.handle)
      .then(answer)
      .catch((error: unknown) => {
        options.onError(error);
        return answer(INTERNAL_ERROR);
      })
      .finally(forgetBody);
  });
}

/** Reads on to the end, keeping nothing: a client still sending would see a reset instead of the answer. */
function discard(response: UwsResponse, ended: () => void): void {
  response.onData((_chunk, isLast) => {
    if (isLast) ended();
  });
}

/** Copies the chunks, which are uWebSockets.js's own, into `body`; calls back at the end, with why it was not kept. */
function collect(
  response: UwsResponse,
  body: ByteCollector,
  isTooLarge: boolean,
  hold: Hold,
  ended: (outcome: 'kept' | 'too-large' | 'no-room') => void,
): void {
  let outcome: 'kept' | 'too-large' | 'no-room' = isTooLarge ? 'too-large' : 'kept';
  response.onData((chunk, isLast) => {
    if (outcome === 'kept') {
      outcome = body.append(new Uint8Array(chunk));
      if (outcome !== 'kept') hold.release();
    }
    if (isLast) ended(outcome);
  });
}
