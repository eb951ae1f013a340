import { createRequire } from 'node:module';
import { listenNodeHttp } from './node-http-server.ts';
import type { ListenHttp } from './http-server.ts';
import { listenUws } from './uws-http-server.ts';
import type { UwsModule } from './uws.ts';

export type HttpEngine = 'uWebSockets.js' | 'node:http';

/**
 * uWebSockets.js where its binary loads (Node 16 to 20 on the platforms it ships for), `node:http` + `ws` elsewhere.
 */
export function chooseHttpEngine(): { readonly engine: HttpEngine; readonly listen: ListenHttp } {
  try {
    // Its ES module wrapper lacks functions that the CommonJS module has.
    const uws = createRequire(import.meta.url)('uWebSockets.js') as UwsModule;
    return { engine: 'uWebSockets.js', listen: (options) => listenUws(uws, options) };
  } catch {
    return { engine: 'node:http', listen: listenNodeHttp };
  }
}
