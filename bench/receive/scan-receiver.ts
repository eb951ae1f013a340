// The limit to hold `receive` against: our doors, and behind them nothing but a count of the items.
// Message out: { grpcPort, httpPort } once it listens.
import { chooseHttpEngine } from '../../runtime/http/index.ts';
import { createOtlpReceiver, listenOtlpGrpc, listenOtlpHttp } from '../../runtime/receivers/otlp/index.ts';
import { countItems } from '../../workers/decode/index.ts';

const MIB = 2 ** 20;

const receiver = createOtlpReceiver({
  maxRequestBytes: 64 * MIB,
  maxInFlightBytes: 192 * MIB,
  ingest: {
    accept(signal, body) {
      const count = countItems(signal, body);
      return Promise.resolve(
        count === undefined
          ? { type: 'undecodable', reason: 'not OTLP' }
          : { type: 'accepted', rejected: 0, message: '' },
      );
    },
  },
  onError: (error) => {
    throw error;
  },
});
const at = { host: '127.0.0.1', port: 0, receiver };
const http = await listenOtlpHttp(chooseHttpEngine().listen, { ...at, cors: { origins: [], headers: [] } });
const grpc = await listenOtlpGrpc({ ...at, maxConnectionAgeMs: 0 });
process.once('disconnect', () => process.exit());
process.send?.({ grpcPort: grpc.port, httpPort: http.port });
