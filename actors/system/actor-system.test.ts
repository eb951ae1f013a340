import { describe, expect, it } from 'vitest';
import { startActorSystem, type ActorRef, type ActorSystem } from './actor-system.ts';

type CounterMessage =
  | { readonly type: 'add'; readonly amount: number }
  | { readonly type: 'fail' }
  | { readonly type: 'slow'; readonly until: Promise<void> }
  | { readonly type: 'read'; readonly reply: (total: number) => void };

const crashes: string[] = [];

function counter(
  system: ActorSystem,
  onCrash: 'resume' | 'restart',
  capacity = 100,
): ActorRef<CounterMessage> {
  return system.spawn<number, CounterMessage>({
    name: `counter ${onCrash} ${capacity}`,
    kind: 'counter',
    capacity,
    onCrash,
    initialState: () => 0,
    async receive(total, message) {
      switch (message.type) {
        case 'add':
          return total + message.amount;
        case 'fail':
          throw new Error('on purpose');
        case 'slow':
          await message.until;
          return total;
        case 'read':
          message.reply(total);
          return total;
      }
    },
  });
}

const start = (): ActorSystem =>
  startActorSystem(({ actor, error }) => crashes.push(`${actor}: ${(error as Error).message}`));
const read = (system: ActorSystem, ref: ActorRef<CounterMessage>): Promise<number> =>
  system.ask<CounterMessage, number>(ref, (reply) => ({ type: 'read', reply }));

describe('the actor system', () => {
  it('processes messages in order, one at a time', async () => {
    const system = start();
    const ref = counter(system, 'resume');
    for (let amount = 1; amount <= 10; amount += 1) system.tell(ref, { type: 'add', amount });
    expect(await read(system, ref)).toBe(55);
    system.stop();
  });

  it('refuses what a full mailbox has no room for, and counts it', async () => {
    const system = start();
    const ref = counter(system, 'resume', 3);
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    expect(system.tell(ref, { type: 'slow', until })).toBe(true);
    expect(system.tell(ref, { type: 'add', amount: 1 })).toBe(true);
    expect(system.tell(ref, { type: 'add', amount: 1 })).toBe(true);
    expect(system.tell(ref, { type: 'add', amount: 1 })).toBe(false);
    await expect(read(system, ref)).rejects.toThrow('takes no more messages');
    expect(system.stats()).toMatchObject([{ kind: 'counter', waiting: 3, refused: 2 }]);
    release();
    await system.idle();
    expect(await read(system, ref)).toBe(2);
    await system.idle();
    expect(system.stats()).toMatchObject([{ waiting: 0 }]);
    system.stop();
  });

  it('resumes with the state it had, or restarts with a new one, and counts the crash', async () => {
    const system = start();
    crashes.length = 0;
    for (const [onCrash, expected] of [
      ['resume', 7],
      ['restart', 2],
    ] as const) {
      const ref = counter(system, onCrash);
      system.tell(ref, { type: 'add', amount: 5 });
      system.tell(ref, { type: 'fail' });
      system.tell(ref, { type: 'add', amount: 2 });
      expect(await read(system, ref)).toBe(expected);
    }
    expect(crashes).toEqual(['counter resume 100: on purpose', 'counter restart 100: on purpose']);
    expect(system.stats()).toMatchObject([{ kind: 'counter', actors: 2, crashes: 2 }]);
    system.stop();
  });

  it('fails a question with the actor that crashes on it', async () => {
    const system = start();
    const ref = counter(system, 'resume');
    await expect(system.ask<CounterMessage, number>(ref, () => ({ type: 'fail' }))).rejects.toThrow(
      'on purpose',
    );
    system.stop();
  });

  it('refuses messages to a stopped actor, and is idle without it', async () => {
    const system = start();
    const ref = counter(system, 'resume');
    system.tell(ref, { type: 'slow', until: new Promise<void>(() => undefined) });
    system.stopActor(ref);
    expect(system.tell(ref, { type: 'add', amount: 1 })).toBe(false);
    await expect(system.idle()).resolves.toBeUndefined();
    expect(system.stats()).toMatchObject([{ actors: 0 }]);
    system.stop();
  });

  it('fails questions that a stopped actor did not come to, and counts none of its messages twice', async () => {
    const system = start();
    const ref = counter(system, 'resume');
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    system.tell(ref, { type: 'slow', until });
    const question = read(system, ref);
    await new Promise((resolve) => setImmediate(resolve));
    system.stopActor(ref);
    await expect(question).rejects.toThrow('was stopped');
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(system.stats()).toMatchObject([{ actors: 0, waiting: 0 }]);
    await expect(system.idle()).resolves.toBeUndefined();
    system.stop();
  });
});
