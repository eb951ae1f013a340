import { closeSync, openSync, readFileSync, write } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogLines, type WriteBytes } from './log-lines.ts';

/** What the system says to a write, while it is set. */
let error: string | undefined;
const writeBytes: WriteBytes = (to, bytes, done) => {
  if (error === undefined) write(to, bytes, done);
  else setImmediate(done, Object.assign(new Error(error), { code: error }), 0);
};

let folder: string;
let path: string;
let fd: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-log-'));
  path = join(folder, 'log');
  fd = openSync(path, 'a');
});
afterEach(async () => {
  error = undefined;
  closeSync(fd);
  await rm(folder, { recursive: true });
});
const written = (): string => readFileSync(path, 'utf8');
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('log lines', () => {
  it('are written in their order', async () => {
    const lines = new LogLines(fd, writeBytes);
    for (let line = 0; line < 100; line += 1) lines.write(`${line}\n`);
    await expect.poll(written).toBe(Array.from({ length: 100 }, (_, line) => `${line}\n`).join(''));
  });

  it('that are not taken are dropped, and the next that are say how many', async () => {
    const lines = new LogLines(fd, writeBytes);
    error = 'ENOSPC';
    lines.write('a\n');
    lines.write('b\n');
    await turn();
    lines.write('c\n');
    await turn();
    error = undefined;
    lines.write('d\n');
    await expect
      .poll(written)
      .toMatch(/^\{"level":40,.*"lines":3,"msg":"log lines could not be written"\}\nd\n$/);
    lines.write('e\n');
    await expect.poll(written).toMatch(/\nd\ne\n$/);
  });

  it('wait for a pipe that is full, up to a bound', async () => {
    const lines = new LogLines(fd, writeBytes);
    error = 'EAGAIN';
    lines.write('first\n');
    for (let line = 0; line < 12; line += 1) lines.write(`${String(line).padEnd(100_000)}\n`);
    await turn();
    error = undefined;
    await expect.poll(() => written().length).toBeGreaterThan(1_000_000);
    lines.write('last\n');
    await expect.poll(written).toMatch(/"lines":2,.*\n(?:.*\n)*last\n$/);
  });

  it('are flushed at the end without waiting for who takes none', () => {
    const lines = new LogLines(fd, writeBytes);
    error = 'EAGAIN';
    lines.write('under way\n');
    lines.write('waits\n');
    lines.flush();
    expect(written()).toBe('waits\n');
    new LogLines(-1).flush();
  });
});
