import type { UwsResponse } from './uws.ts';

/** Sends the chunks as they come, waiting when the client is slow. Ends early, without an end, when `gone` is aborted. */
export async function writeUwsStream(
  response: UwsResponse,
  chunks: AsyncIterable<Uint8Array>,
  gone: AbortSignal,
): Promise<void> {
  let wake: () => void = () => undefined;
  response.onWritable(() => {
    wake();
    return true;
  });
  gone.addEventListener('abort', () => {
    wake();
  });
  const isGone = (): boolean => gone.aborted;
  for await (const chunk of chunks) {
    // Any call on an aborted response throws.
    if (isGone()) return;
    const corked = { hasRoom: true };
    response.cork(() => {
      corked.hasRoom = response.write(chunk);
    });
    if (corked.hasRoom) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (isGone()) return;
  }
  if (isGone()) return;
  response.cork(() => {
    response.end();
  });
}
