import { createRequire } from 'node:module';
import type * as Ws from 'ws';

/**
 * vite-plugin-solid has tests resolve packages as a browser would, where `ws` is a stub that throws. Its files can
 * still be reached from beside its package.json.
 */
const beside = createRequire(createRequire(import.meta.url).resolve('ws/package.json'));

export const { WebSocket: NodeWebSocket, WebSocketServer } = beside('./index.js') as typeof Ws;
