import * as nact from 'nact';

declare const accepts: unique symbol;

/** Address of an actor that accepts `Message`. Invariant in `Message`, which nact's own `Ref` is not. */
export interface ActorRef<in out Message> {
  readonly [accepts]: (message: Message) => Message;
}

/** What becomes of an actor whose `receive` threw: it goes on with the state it had, or with a new one. */
type OnCrash = 'resume' | 'restart';

export interface ActorOptions<State, Message> {
  /** What logs call it. */
  readonly name: string;
  /** What metrics call all actors of this sort; a bounded set. */
  readonly kind: string;
  /** Messages that may wait. A message that finds the mailbox full is refused and counted: `tell` returns false. */
  readonly capacity: number;
  readonly onCrash: OnCrash;
  readonly initialState: () => State;
  /** May mutate and return `state`. The next message waits until the promise settles. */
  readonly receive: (state: State, message: Message) => State | Promise<State>;
}

/** Sums over all actors of a kind, the stopped ones included, except `actors` and `waiting`. */
export interface ActorKindStats {
  readonly kind: string;
  readonly actors: number;
  readonly waiting: number;
  readonly processed: number;
  readonly refused: number;
  readonly crashes: number;
}

export interface ActorSystem {
  spawn<State, Message>(options: ActorOptions<State, Message>): ActorRef<Message>;
  /** Whether the message was admitted. A stopped actor admits nothing. */
  tell<Message>(ref: ActorRef<Message>, message: NoInfer<Message>): boolean;
  /**
   * Resolves when the actor calls `reply`; rejects when the message is refused, the actor crashes on it, or is stopped before it
   * comes to it.
   */
  ask<Message, Answer>(
    ref: ActorRef<Message>,
    message: (reply: (answer: Answer) => void) => NoInfer<Message>,
  ): Promise<Answer>;
  stopActor<Message>(ref: ActorRef<Message>): void;
  stats(): readonly ActorKindStats[];
  /** Resolves when no message waits or is being processed. */
  idle(): Promise<void>;
  /** What waits is thrown away; nothing is admitted any more. */
  stop(): void;
}

interface Counters {
  actors: number;
  waiting: number;
  processed: number;
  refused: number;
  crashes: number;
}

interface Cell {
  /** nact's `Ref` is an empty class: any object fits it. */
  readonly nactRef: object;
  readonly counters: Counters;
  readonly capacity: number;
  waiting: number;
  stopped: boolean;
}

interface Envelope {
  readonly message: unknown;
  /** Of a question. */
  readonly fail: ((reason: Error) => void) | undefined;
}

export type CrashListener = (crash: {
  readonly actor: string;
  readonly kind: string;
  readonly error: unknown;
}) => void;

/**
 * nact behind our own door. Added to it: typed addresses, bounded mailboxes with counters, supervision (nact prints
 * and stops by default), and questions that fail with the actor instead of running into a timeout.
 */
export function startActorSystem(onCrash: CrashListener): ActorSystem {
  const root = nact.start();
  const kinds = new Map<string, Counters>();
  const cells = new WeakMap<object, Cell>();
  /** Questions that wait, and for whom. */
  const asked = new Map<Envelope, Cell>();
  let pending = 0;
  let spawned = 0;
  let stopped = false;
  let idleWaiters: (() => void)[] = [];

  const countersOf = (kind: string): Counters => {
    let counters = kinds.get(kind);
    if (!counters) {
      counters = { actors: 0, waiting: 0, processed: 0, refused: 0, crashes: 0 };
      kinds.set(kind, counters);
    }
    return counters;
  };
  const settle = (cell: Cell, count: number): void => {
    cell.waiting -= count;
    cell.counters.waiting -= count;
    pending -= count;
    if (pending > 0) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const waiter of waiters) waiter();
  };
  const cellOf = (ref: object): Cell => {
    const cell = cells.get(ref);
    if (!cell) throw new TypeError('not an address of this actor system');
    return cell;
  };
  const enqueue = (cell: Cell, envelope: Envelope): boolean => {
    if (stopped || cell.stopped || cell.waiting >= cell.capacity) {
      cell.counters.refused += 1;
      return false;
    }
    cell.waiting += 1;
    cell.counters.waiting += 1;
    pending += 1;
    if (envelope.fail) asked.set(envelope, cell);
    nact.dispatch(cell.nactRef, envelope);
    return true;
  };

  return {
    spawn<State, Message>(options: ActorOptions<State, Message>): ActorRef<Message> {
      const counters = countersOf(options.kind);
      const run = async (state: State, envelope: Envelope): Promise<State> => {
        let next = state;
        if (stopped) return state;
        asked.delete(envelope);
        try {
          next = await options.receive(state, envelope.message as Message);
          counters.processed += 1;
        } catch (error) {
          counters.crashes += 1;
          envelope.fail?.(error instanceof Error ? error : new Error(String(error)));
          onCrash({ actor: options.name, kind: options.kind, error });
          if (options.onCrash === 'restart') next = options.initialState();
        }
        if (!cell.stopped) settle(cell, 1);
        return next;
      };
      spawned += 1;
      // nact takes few characters in a name; ours may have any.
      const nactRef = nact.spawn(root, run, String(spawned), { initialState: options.initialState() });
      const cell: Cell = { nactRef, counters, capacity: options.capacity, waiting: 0, stopped: false };
      counters.actors += 1;
      const ref = Object.freeze({});
      cells.set(ref, cell);
      return ref as ActorRef<Message>;
    },
    tell(ref, message) {
      return enqueue(cellOf(ref), { message, fail: undefined });
    },
    ask<Message, Answer>(ref: ActorRef<Message>, message: (reply: (answer: Answer) => void) => Message) {
      return new Promise<Answer>((resolve, reject) => {
        const admitted = enqueue(cellOf(ref), { message: message(resolve), fail: reject });
        if (!admitted) reject(new Error('the actor takes no more messages'));
      });
    },
    stopActor(ref) {
      const cell = cellOf(ref);
      if (cell.stopped) return;
      cell.stopped = true;
      cell.counters.actors -= 1;
      nact.stop(cell.nactRef);
      for (const [envelope, whom] of asked) {
        if (whom !== cell) continue;
        asked.delete(envelope);
        envelope.fail?.(new Error('the actor was stopped'));
      }
      settle(cell, cell.waiting);
    },
    stats() {
      return [...kinds].map(([kind, counters]) => ({ kind, ...counters }));
    },
    idle() {
      if (pending === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
    stop() {
      stopped = true;
      nact.stop(root);
    },
  };
}
