import { createSignal, type Accessor } from 'solid-js';
import type { ApiProblem } from '../../proto/api/index.ts';
import { asProblem } from './as-problem.ts';

export interface Change<Args extends readonly unknown[]> {
  /** Does nothing while the one before is under way. */
  readonly run: (...args: Args) => void;
  readonly isBusy: Accessor<boolean>;
  /** Why the last one failed; goes when the next begins. */
  readonly problem: Accessor<ApiProblem | undefined>;
}

/** Sends a change when it is run, and tells `done` of the answer. */
export function createChange<Args extends readonly unknown[], T>(
  send: (...args: Args) => Promise<T>,
  done: (answer: T) => void,
): Change<Args> {
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<ApiProblem>();
  const run = async (args: Args) => {
    if (isBusy()) return;
    setBusy(true);
    setProblem(undefined);
    try {
      done(await send(...args));
    } catch (error) {
      setProblem(asProblem(error));
    }
    setBusy(false);
  };
  return {
    run: (...args) => {
      void run(args);
    },
    isBusy,
    problem,
  };
}
