import { describe, expect, it } from 'vitest';
import { SharedTurns } from './shared-turns.ts';

/** Work that is done when it is told to be. */
function pieces(): {
  begun: string[];
  end: Map<string, (error?: Error) => void>;
  work: (name: string) => () => Promise<string>;
} {
  const begun: string[] = [];
  const end = new Map<string, (error?: Error) => void>();
  const work = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve, reject) => {
      end.set(name, (error) => {
        if (error === undefined) resolve(`answer to ${name}`);
        else reject(error);
      });
    });
  };
  return { begun, end, work };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('shared turns', () => {
  it('do the same work once, whoever asks for it, and other work after it', async () => {
    const { begun, end, work } = pieces();
    const turns = new SharedTurns<string>(3);
    const answers = ['a', 'a', 'b'].map((name) => turns.take(name, work(name)) ?? expect.unreachable(name));
    await settled();
    expect(begun).toEqual(['a']);
    end.get('a')?.();
    await settled();
    expect(begun).toEqual(['a', 'b']);
    end.get('b')?.();
    expect(await Promise.all(answers)).toEqual(['answer to a', 'answer to a', 'answer to b']);
    void turns.take('a', work('a'));
    await settled();
    expect(begun).toEqual(['a', 'b', 'a']);
  });

  it('refuse what has no room to wait, but not what waits already', async () => {
    const { end, work } = pieces();
    const turns = new SharedTurns<string>(2);
    const first = turns.take('a', work('a'));
    const second = turns.take('b', work('b'));
    expect(turns.take('c', work('c'))).toBeUndefined();
    expect(turns.take('b', work('b'))).toBe(second);
    await settled();
    end.get('a')?.();
    await first;
    expect(turns.take('c', work('c'))).toBeDefined();
  });

  it('go on after work that failed', async () => {
    const { end, work } = pieces();
    const turns = new SharedTurns<string>(2);
    const failing = turns.take('a', work('a'));
    const next = turns.take('b', work('b'));
    await settled();
    end.get('a')?.(new Error('on purpose'));
    await expect(failing).rejects.toThrow('on purpose');
    await settled();
    end.get('b')?.();
    expect(await next).toBe('answer to b');
  });
});
