// Hot: every OTLP/HTTP request. Bench: bench/ingest.
import { isStream, type HttpRequestHead, type HttpResponse } from './http-server.ts';
import { STATUS_TEXT } from './status-text.ts';
import type { UwsRequest, UwsResponse } from './uws.ts';

/** uWebSockets.js takes its request object back when the handler returns: everything is read here. */
export function headOf(response: UwsResponse, request: UwsRequest): HttpRequestHead {
  const headers = new Map<string, string>();
  request.forEachHeader((name, value) => {
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  });
  return {
    method: request.getCaseSensitiveMethod(),
    path: request.getUrl(),
    query: request.getQuery(),
    header: (name) => headers.get(name),
    remoteAddress: Buffer.from(response.getRemoteAddressAsText()).toString(),
  };
}

export function write(response: UwsResponse, reply: HttpResponse, isHead: boolean): void {
  response.writeStatus(`${reply.status} ${STATUS_TEXT[reply.status] ?? 'Status'}`);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.writeHeader(name, value);
  for (const cookie of reply.cookies ?? []) response.writeHeader('set-cookie', cookie);
  const body = reply.body ?? '';
  if (isStream(body)) {
    if (isHead) response.endWithoutBody();
    return;
  }
  if (isHead) response.endWithoutBody(Buffer.byteLength(body));
  else response.end(body);
}
