import { readdir, readFile } from 'node:fs/promises';

/** Of Linux's USER_HZ, which is 100 on every platform Node runs on. */
const TICK_MS = 10;

/** Processor time and resident memory of a process and all its descendants, from /proc; Linux only. */
export interface ProcessFigures {
  readonly cpuMs: number;
  readonly rssMb: number;
}

export async function processFigures(pid: number): Promise<ProcessFigures> {
  const figures = await Promise.all((await familyOf(pid)).map(figuresOf));
  return {
    cpuMs: figures.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    rssMb: figures.reduce((sum, { rssMb }) => sum + rssMb, 0),
  };
}

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  if (text === '') return undefined;
  // The name in parentheses may hold anything; fields are counted behind it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

async function familyOf(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((value) => value > 0);
  const stats = await Promise.all(pids.map(async (value) => ({ value, stat: await readStat(value) })));
  const family = [pid];
  for (const member of family) {
    family.push(...stats.filter(({ stat }) => stat?.parent === member).map(({ value }) => value));
  }
  return family;
}

async function figuresOf(pid: number): Promise<ProcessFigures> {
  const stat = await readStat(pid);
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const rssKb = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { cpuMs: (stat?.ticks ?? 0) * TICK_MS, rssMb: rssKb / 1024 };
}
