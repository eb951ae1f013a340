import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { ControlPlane, type Place } from './control-plane.ts';
import { nextChange, seededRandom } from './control-changes.ts';
import type { ControlState } from './control-state.ts';
import type { Task } from './make-changes.ts';
import { stateAfter } from './state-after.ts';

export interface ControlCrashOptions {
  readonly place: Place;
  readonly kills: number;
  readonly changes: number;
  readonly seed: number;
  readonly onKill?: (kill: number, acknowledged: number) => void;
}

export interface ControlCrashReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Acknowledged changes that are not there. */
  readonly lost: number;
  /** Times that the state was none that changes made whole could lead to. */
  readonly halfDone: number;
  /** Changes that were not acknowledged and are there: allowed. */
  readonly unsaid: number;
  readonly brokenChains: number;
}

const SCRIPT = fileURLToPath(new URL('make-changes.ts', import.meta.url));

/** Kills a process in the middle of its changes, again and again on the same database, and looks what is left. */
export async function runControlCrash(options: ControlCrashOptions): Promise<ControlCrashReport> {
  const { place, kills, changes } = options;
  const moments = seededRandom(options.seed);
  const total = { kills: 0, acknowledged: 0, lost: 0, halfDone: 0, unsaid: 0, brokenChains: 0 };
  let before = await look(place, total);
  for (let kill = 1; kill <= kills; kill += 1) {
    const seed = options.seed + kill;
    const acknowledged = await killed(
      { place, seed, changes },
      1 + Math.floor(moments() * (changes - 1)),
      moments(),
    );
    total.kills += 1;
    total.acknowledged += acknowledged;
    options.onKill?.(kill, acknowledged);
    const found = await look(place, total);
    const made = states(before, seed, changes).findIndex((state) => isDeepStrictEqual(state, found));
    if (made === -1) total.halfDone += 1;
    else if (made < acknowledged) total.lost += acknowledged - made;
    else if (made === acknowledged + 1) total.unsaid += 1;
    else if (made > acknowledged) total.halfDone += 1;
    before = found;
  }
  return total;
}

async function look(place: Place, total: { brokenChains: number }): Promise<ControlState> {
  const plane = await ControlPlane.open(place);
  const { intact } = await plane.access.audit.verify();
  if (!intact) total.brokenChains += 1;
  const state = await plane.state();
  await plane.close();
  return state;
}

/** What there is after each of the changes, beginning with none. */
function states(before: ControlState, seed: number, changes: number): readonly ControlState[] {
  const random = seededRandom(seed);
  const all = [before];
  for (let i = 0; i < changes; i += 1) {
    const state = all.at(-1) ?? before;
    all.push(stateAfter(state, nextChange(state, random, `${seed}-${i}`)));
  }
  return all;
}

/** Resolves with how many changes were acknowledged before the end. */
async function killed(task: Task, after: number, chance: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  child.stdout.on('data', (chunk: Buffer) => {
    const isFirst = acknowledged < after;
    acknowledged += chunk.length;
    // A moment later: in the middle of a change, not just after one.
    if (isFirst && acknowledged >= after) setTimeout(() => child.kill('SIGKILL'), chance * 5);
  });
  const [code, signal] = await closed;
  if (signal !== 'SIGKILL' && code !== 0) {
    throw new Error(`the changing process ended with ${code ?? signal ?? ''}`);
  }
  return acknowledged;
}
