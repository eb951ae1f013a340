// The baseline: an OTLP receiver with a live page as one writes it on an afternoon. Spans become objects, they are counted by
// name, and once a second what was counted goes as JSON to all pages that are open.
// Message out: { port } once it listens. Ends with its parent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { loadRequestTypes } from '../../workers/reference/index.ts';

interface Request {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
  }[];
}

const PUSH_EVERY_MS = 1_000;
const PAGE = `<!doctype html><title>plain</title><pre></pre><script>
  new WebSocket('ws://' + location.host).onmessage = ({ data }) => {
    document.querySelector('pre').textContent = JSON.stringify(JSON.parse(data), undefined, 1);
  };
</script>`;

const { traces } = await loadRequestTypes();
let counts: Record<string, number> = {};

function count(body: Buffer, type: string): void {
  const { resourceSpans } = (
    type === 'application/json'
      ? JSON.parse(body.toString())
      : traces.toObject(traces.decode(body), { defaults: true })
  ) as Request;
  for (const { scopeSpans } of resourceSpans) {
    for (const { spans } of scopeSpans) {
      for (const { name } of spans) counts[name] = (counts[name] ?? 0) + 1;
    }
  }
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    count(Buffer.concat(chunks), request.headers['content-type'] ?? '');
    response.writeHead(200).end();
  });
});
const pages = new WebSocketServer({ server });
setInterval(() => {
  const message = JSON.stringify({ at: new Date().toISOString(), counts });
  counts = {};
  for (const page of pages.clients) page.send(message);
}, PUSH_EVERY_MS);

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
process.once('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
