import { describe, expect, it } from 'vitest';
import { writeParts } from './write-parts.ts';

/** Takes `mostBytes` at a time, as a file system may. */
function slowFile(mostBytes: number) {
  const content = new Uint8Array(64);
  let calls = 0;
  return {
    content,
    calls: () => calls,
    writev(parts: readonly Uint8Array[], position?: number | null) {
      calls += 1;
      const bytes = Buffer.concat(parts).subarray(0, mostBytes);
      content.set(bytes, position ?? 0);
      return Promise.resolve({ bytesWritten: bytes.length, buffers: [] });
    },
  };
}

const PARTS = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4), Uint8Array.of(5, 6, 7, 8)];

describe('writing parts', () => {
  it.each([1, 2, 3, 4, 5, 7, 64])('goes on where a write of %i bytes ended', async (mostBytes) => {
    const file = slowFile(mostBytes);
    await writeParts(file as never, PARTS, 10);
    expect([...file.content.subarray(9, 19)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
    expect(file.calls()).toBe(Math.ceil(8 / mostBytes));
  });

  it('writes nothing of nothing', async () => {
    const file = slowFile(64);
    await writeParts(file as never, [new Uint8Array(0)], 0);
    expect(file.calls()).toBe(0);
  });
});
