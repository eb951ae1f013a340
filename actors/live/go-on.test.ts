import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { VisibleServices } from '../../proto/access/index.ts';
import type { LiveTopic, ServerMessage } from '../../proto/live/index.ts';
import { logBatches, spanBatches } from '../fixtures/index.ts';
import { rowsOf, setUpLive, type LiveStage, type RecordingClient } from './fixtures/live-stage.ts';

const SPANS = { kind: 'spans' } as const;

let stage: LiveStage;
afterEach(() => {
  stage.system.stop();
});

interface Listening {
  readonly client: RecordingClient;
  /** Of the last frame, or of the answer. */
  cursor(): string | undefined;
  names(): unknown[];
  refusal(): string | undefined;
}

function listen(after?: string, topic: LiveTopic = SPANS, visible: VisibleServices = 'all'): Listening {
  const client = stage.client();
  stage.system.tell(stage.live, {
    ...{ type: 'subscribe', client, subscription: 1, topic, visible },
    ...(after !== undefined && { after }),
  });
  const answer = (): ServerMessage | undefined => client.texts[0] as ServerMessage | undefined;
  return {
    client,
    cursor() {
      const said = answer();
      const begun = said?.type === 'subscribed' ? said.cursor : undefined;
      return client.frames.map((frame) => rowsOf(frame).head['cursor']).at(-1) ?? begun;
    },
    names: () => client.frames.flatMap((frame) => rowsOf(frame).rows.map(({ name }) => name)),
    refusal() {
      const said = answer();
      return said?.type === 'refused' ? `${said.code}: ${said.message}` : undefined;
    },
  };
}

const leave = ({ client }: Listening): void => {
  stage.system.tell(stage.live, { type: 'closed', client });
};
const flush = (): void => {
  stage.system.tell(stage.live, { type: 'flush-tails' });
};
const named = (...names: string[]) => spanBatches(names.map((name) => ({ name })));

type Step =
  | { readonly type: 'spans'; readonly service: string; readonly rows: number }
  | { readonly type: 'flush' | 'settle' | 'seal' }
  | { readonly type: 'leave' | 'come back'; readonly who: 0 | 1 };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('spans' as const),
      service: fc.constantFrom('a', 'b'),
      rows: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constantFrom('flush' as const, 'settle', 'seal') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('leave' as const, 'come back'),
      who: fc.constantFrom(0 as const, 1),
    }),
  },
);

describe('a tail that goes on from a cursor', () => {
  it('shows each row once and in order, wherever it broke off, whoever else listens, and whatever was joined', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        stage = setUpLive();
        const sent: string[] = [];
        const seen: unknown[][] = [[], []];
        const cursors: (string | undefined)[] = [undefined, undefined];
        const listening: (Listening | undefined)[] = [listen(), listen()];
        await stage.settle();
        let segment = 1;
        const settleAll = (who: number): void => {
          seen[who]?.push(...(listening[who]?.names() ?? []));
          cursors[who] = listening[who]?.cursor() ?? cursors[who];
        };
        const seal = (): void => {
          stage.system.tell(stage.services, { type: 'archived', through: segment });
          segment += 1;
        };
        const take: Record<Step['type'], (each: Step) => void | Promise<void>> = {
          spans(each) {
            if (each.type !== 'spans') return;
            const names = Array.from({ length: each.rows }, (_, at) => `${sent.length + at}`);
            sent.push(...names);
            stage.deliver(spanBatches(names.map((name) => ({ name, service: each.service }))), segment);
          },
          flush,
          settle: () => stage.settle(),
          seal,
          leave(each) {
            if (!('who' in each)) return;
            const left = listening[each.who];
            if (!left) return;
            settleAll(each.who);
            leave(left);
            listening[each.who] = undefined;
          },
          'come back'(each) {
            if ('who' in each) listening[each.who] ??= listen(cursors[each.who]);
          },
        };
        for (const each of steps) await take[each.type](each);
        // All is small and archived by now, and so is joined.
        for (let more = 0; more < 3; more += 1) seal();
        await stage.settle();
        for (const who of [0, 1]) listening[who] ??= listen(cursors[who]);
        await stage.settle();
        flush();
        await stage.settle();
        for (const who of [0, 1]) settleAll(who);
        expect(seen).toEqual([sent, sent]);
        stage.system.stop();
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the newest 2,000 rows and counts the others', async () => {
    stage = setUpLive();
    const before = listen();
    await stage.settle();
    leave(before);
    for (let part = 0; part < 5; part += 1) {
      stage.deliver(named(...Array.from({ length: 500 }, (_, at) => `${part * 500 + at}`)));
    }
    await stage.append(logBatches([{ body: 'no span' }]));
    const back = listen(before.cursor());
    await stage.settle();
    expect(back.client.frames).toHaveLength(1);
    expect(back.names()).toEqual(Array.from({ length: 2_000 }, (_, at) => `${500 + at}`));
    const { head } = rowsOf(back.client.frames[0]);
    expect(head).toMatchObject({ dropped: '500', subscription: '1', mode: 'change' });
    expect(head['gap']).toBeUndefined();
  });

  it('says that more was left out when a part has left the memory', async () => {
    stage = setUpLive();
    const before = listen();
    await stage.settle();
    leave(before);
    for (let segment = 1; segment <= 9; segment += 1) stage.deliver(named(`${segment}`), segment);
    await stage.settle();
    stage.clock.nowMs += 60_001;
    stage.system.tell(stage.services, { type: 'archived', through: 4 });
    await stage.settle();
    const back = listen(before.cursor());
    await stage.settle();
    expect(rowsOf(back.client.frames[0]).head).toMatchObject({ gap: 'forgotten', dropped: '0' });
    expect(back.names()).toEqual(['5', '6', '7', '8', '9']);
    const again = listen(back.cursor());
    await stage.settle();
    expect(rowsOf(again.client.frames[0]).head['gap']).toBeUndefined();
  });

  it('shows no more than before to who may see some services alone', async () => {
    stage = setUpLive();
    const whole = listen();
    await stage.settle();
    const cursor = whole.cursor();
    await stage.append(
      spanBatches([
        { name: 'mine', service: 'cart' },
        { name: 'theirs', service: 'pay' },
      ]),
    );
    const onlyCart: VisibleServices = [{ name: 'cart' }];
    for (const topic of [SPANS, { ...SPANS, service: '~~pay' }]) {
      const part = listen(cursor, topic, onlyCart);
      await stage.settle();
      expect(part.names()).toEqual('service' in topic ? [] : ['mine']);
      expect(rowsOf(part.client.frames[0]).head['dropped']).toBe('0');
    }
    const all = listen(cursor);
    flush();
    await stage.settle();
    expect(all.names()).toEqual(['mine', 'theirs']);
  });

  it('goes on from the cursor of another tail, as it is a point among all arrivals', async () => {
    stage = setUpLive();
    const spans = listen();
    await stage.append(named('before'));
    flush();
    await stage.settle();
    await stage.append(logBatches([{ body: 'missed' }]));
    const logs = listen(spans.cursor(), { kind: 'logs' });
    await stage.settle();
    expect(rowsOf(logs.client.frames[0]).rows).toMatchObject([{ body: 'missed' }]);
  });

  it('begins anew after a start of the platform, and says so', async () => {
    stage = setUpLive();
    stage.clock.nowMs += 1;
    await stage.append(named('missed'));
    const back = listen('999999.7');
    await stage.append(named('new'));
    flush();
    await stage.settle();
    expect(rowsOf(back.client.frames[0]).head).toMatchObject({ gap: 'restarted', cursor: '1000000.1' });
    expect(back.names()).toEqual(['new']);
  });

  it.each([
    ['', 'after is no cursor: expected the cursor of a frame, found ""'],
    ['-1', 'after is no cursor: expected the cursor of a frame, found "-1"'],
    ['1000000.-1', 'after is no cursor: expected the cursor of a frame, found "1000000.-1"'],
    ['1000000.1e9', 'after is no cursor: expected the cursor of a frame, found "1000000.1e9"'],
    [
      `1000000.${'9'.repeat(90)}`,
      `after is no cursor: expected the cursor of a frame, found "1000000.${'9'.repeat(32)}"`,
    ],
    ['1000000.999999999999999', 'after is ahead of all that has arrived: "1000000.999999999999999"'],
    ['\u0000\n', 'after is no cursor: expected the cursor of a frame, found "\\u0000\\n"'],
  ])('refuses %j, and goes on with others', async (after, reason) => {
    stage = setUpLive();
    const wrong = listen(after);
    await stage.settle();
    expect(wrong.refusal()).toBe(`BAD_REQUEST: ${reason}`);
    const right = listen();
    await stage.append(named('a'));
    flush();
    await stage.settle();
    expect(right.names()).toEqual(['a']);
    expect(wrong.client.frames).toEqual([]);
  });

  it('refuses a cursor for a topic of figures', async () => {
    stage = setUpLive();
    const figures = listen('1000000.0', { kind: 'overview' });
    await stage.settle();
    expect(figures.refusal()).toBe(
      'BAD_REQUEST: after goes with tails of spans and logs; a topic of kind overview goes on with since',
    );
  });

  it('forgets what was asked for by a subscription that ended meanwhile', async () => {
    stage = setUpLive();
    await stage.append(named('missed'));
    const { client } = listen('1000000.0');
    stage.system.tell(stage.live, { type: 'unsubscribe', client, subscription: 1 });
    await stage.append(named('new'));
    flush();
    await stage.settle();
    expect(client.frames).toEqual([]);
    expect(client.joined.size).toBe(0);
  });

  it('gives each of two subscriptions of a client what it missed, and new rows once', async () => {
    stage = setUpLive();
    const one = listen();
    await stage.settle();
    await stage.append(named('a'));
    flush();
    await stage.settle();
    const { client } = one;
    const begin = String(one.cursor()).replace(/\d+$/, '0');
    stage.system.tell(stage.live, {
      ...{ type: 'subscribe', client, subscription: 2, topic: SPANS, visible: 'all', after: begin },
    });
    stage.deliver(named('b'));
    flush();
    await stage.settle();
    const shown = client.frames.map((frame) => {
      const { head, rows } = rowsOf(frame);
      return [head['subscription'], rows.map(({ name }) => name)];
    });
    expect(shown).toEqual([
      [undefined, ['a']],
      ['2', ['a']],
      [undefined, ['b']],
    ]);
  });

  it('sends what it missed when the client can take it, before what came meanwhile', async () => {
    stage = setUpLive();
    await stage.append(named('missed'));
    const back = listen('1000000.0');
    back.client.isFull = true;
    await stage.settle();
    stage.deliver(named('new'));
    flush();
    await stage.settle();
    expect(back.names()).toEqual([]);
    back.client.isFull = false;
    stage.system.tell(stage.live, { type: 'drained', client: back.client });
    await stage.settle();
    expect(back.names()).toEqual(['missed', 'new']);
    expect(back.client.joined.size).toBe(1);
  });

  it('tells a quiet tail every ten seconds how far it is', async () => {
    stage = setUpLive();
    const errors = listen(undefined, { kind: 'spans', errorsOnly: true });
    await stage.append(named('fine'));
    flush();
    await stage.settle();
    expect(errors.client.frames).toEqual([]);
    stage.clock.nowMs += 10_000;
    flush();
    flush();
    await stage.settle();
    expect(errors.client.frames.map((frame) => rowsOf(frame))).toMatchObject([
      { head: { cursor: '1000000.1', dropped: '0' }, rows: [] },
    ]);
    await stage.settle();
  });
});
