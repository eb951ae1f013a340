import {
  chooseHttpEngine,
  listenNodeHttp,
  type HttpEngine,
  type ListenHttp,
} from '../../runtime/http/index.ts';
import type { RequestEncoding } from '../../runtime/ingest/index.ts';

/** A way into the receiver, whether or not this machine has it. */
export interface LaneKind {
  readonly name: string;
  readonly door: 'grpc' | 'http';
  readonly encoding: RequestEncoding;
}

export type Lane = LaneKind &
  (
    | { readonly door: 'grpc'; readonly encoding: 'protobuf' }
    | { readonly door: 'http'; readonly listen: ListenHttp }
  );

const GRPC = { name: 'gRPC', door: 'grpc', encoding: 'protobuf' } as const;
const ENGINES: readonly HttpEngine[] = ['uWebSockets.js', 'node:http'];
const ENCODINGS: readonly RequestEncoding[] = ['protobuf', 'json'];

/** gRPC, and each HTTP engine in both encodings. */
export const LANE_KINDS: readonly LaneKind[] = [GRPC, ...ENGINES.flatMap(httpKinds)];

/** Those of this machine: Node 22 and newer have no uWebSockets.js. */
export function lanes(): readonly Lane[] {
  const chosen = chooseHttpEngine();
  const engines = new Map<HttpEngine, ListenHttp>([
    [chosen.engine, chosen.listen],
    ['node:http', listenNodeHttp],
  ]);
  return [
    GRPC,
    ...[...engines].flatMap(([engine, listen]) =>
      httpKinds(engine).map((kind): Lane => ({ ...kind, door: 'http', listen })),
    ),
  ];
}

function httpKinds(engine: HttpEngine): LaneKind[] {
  return ENCODINGS.map((encoding) => ({ name: `HTTP ${encoding}, ${engine}`, door: 'http', encoding }));
}
