import type { Check, CheckContext } from './check.ts';
import type { Client } from './client.ts';
import { GrpcClient } from './grpc-client.ts';
import { HttpClient } from './http-client.ts';
import type { Lane } from './lanes.ts';
import { codec } from './samples.ts';
import { startRig } from './rig.ts';

const MOST_MS = 60_000;

/** Runs one check against a receiver of its own. Rejects with what is not as it should be. */
export async function runCheck(check: Check, lane: Lane): Promise<void> {
  const rig = await startRig(lane, check.rig);
  const clients: Client[] = [];
  const connect = (): Client => {
    const opened =
      lane.door === 'grpc' ? new GrpcClient(rig.port, codec) : new HttpClient(rig.port, lane.encoding, codec);
    clients.push(opened);
    return opened;
  };
  const client = connect();
  const context: CheckContext = {
    lane,
    rig,
    client,
    connect,
    get http() {
      if (!(client instanceof HttpClient)) throw new Error('the lane is not HTTP');
      return client;
    },
    get grpc() {
      if (!(client instanceof GrpcClient)) throw new Error('the lane is not gRPC');
      return client;
    },
  };
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no result after ${MOST_MS / 1_000} s`));
    }, MOST_MS);
  });
  try {
    await Promise.race([check.run(context), tooLong]);
  } finally {
    clearTimeout(timer);
    for (const opened of clients) opened.close();
    await rig.stop();
  }
}
