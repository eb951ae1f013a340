import { createRequire } from 'node:module';
import { listenNodeHttp } from './node-http-server.ts';
import type { ListenHttp } from './http-server.ts';
import { listenUws } from './uws-http-server.ts';
import type { UwsModule } from './uws.ts';

export type HttpEngine = 'uWebSockets.js' | 'node:http';

/**
 * uWebSockets.js where its binary loads (Node 16 to 20 on the platforms it ships for), `node:http` + `ws` elsewhere.
 */
export function chooseHttpEngine({ isTls = false }: { readonly isTls?: boolean } = {}): {
  readonly engine: HttpEngine;
  readonly listen: ListenHttp;
} {
  // Its build for npm speaks no TLS.
  if (isTls) return { engine: 'node:http', listen: listenNodeHttp };
  try {
    // Its ES module wrapper lacks functions that the CommonJS module has.
    const uws = createRequire(import.meta.url)('uWebSockets.js') as UwsModule;
    return { engine: 'uWebSockets.js', listen: (options) => listenUws(uws, options) };
  } catch {
    return { engine: 'node:http', listen: listenNodeHttp };
  }
}
