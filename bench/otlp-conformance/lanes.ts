import { chooseHttpEngine, listenNodeHttp, type ListenHttp } from '../../runtime/http/index.ts';
import type { RequestEncoding } from '../../runtime/ingest/index.ts';

/** A way into the receiver. */
export type Lane =
  | { readonly name: string; readonly door: 'grpc'; readonly encoding: 'protobuf' }
  | {
      readonly name: string;
      readonly door: 'http';
      readonly encoding: RequestEncoding;
      readonly listen: ListenHttp;
    };

/** gRPC, and each HTTP engine of this machine in both encodings. */
export function lanes(): readonly Lane[] {
  const chosen = chooseHttpEngine();
  const engines = [
    ...(chosen.engine === 'node:http' ? [] : [[chosen.engine, chosen.listen] as const]),
    ['node:http', listenNodeHttp] as const,
  ];
  return [
    { name: 'gRPC', door: 'grpc', encoding: 'protobuf' },
    ...engines.flatMap(([engine, listen]) =>
      (['protobuf', 'json'] as const).map((encoding): Lane => ({
        name: `HTTP ${encoding}, ${engine}`,
        door: 'http',
        encoding,
        listen,
      })),
    ),
  ];
}
