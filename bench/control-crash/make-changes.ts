// A process to be killed: makes the changes that a seed names and says each one that was acknowledged.
import { writeSync } from 'node:fs';
import { ControlPlane, type Place } from './control-plane.ts';
import { nextChange, seededRandom } from './control-changes.ts';
import { stateAfter } from './state-after.ts';

export interface Task {
  readonly place: Place;
  readonly seed: number;
  readonly changes: number;
}

const { place, seed, changes } = JSON.parse(process.argv[2] ?? '') as Task;
const plane = await ControlPlane.open(place);
const random = seededRandom(seed);
let state = await plane.state();
for (let i = 0; i < changes; i += 1) {
  const change = nextChange(state, random, `${seed}-${i}`);
  await plane.make(change);
  // In the pipe before the next one begins: of what is not said, one at most was begun.
  writeSync(1, '.');
  state = stateAfter(state, change);
}
await plane.close();
