import { describe, expect, it } from 'vitest';
import {
  flag,
  HelpAsked,
  number,
  optionalNumber,
  OptionError,
  readOptions,
  requiredText,
  text,
} from './read-options.ts';

const OPTIONS = {
  rounds: number(5, 'rounds by turns'),
  seed: optionalNumber('repeats a run'),
  only: text('ROW', 'one row'),
  failures: flag('say why'),
};

describe('the options of a case', () => {
  it('are their fallbacks where nothing is said', () => {
    expect(readOptions([], OPTIONS)).toEqual({
      rounds: 5,
      seed: undefined,
      only: undefined,
      failures: false,
    });
  });

  it('are what is said, with either spelling', () => {
    expect(readOptions(['--rounds', '7', '--seed=0', '--only', 'R7', '--failures'], OPTIONS)).toEqual({
      rounds: 7,
      seed: 0,
      only: 'R7',
      failures: true,
    });
  });

  it.each([
    [['--rounds', 'many'], '--rounds many: expected a number, 0 or more'],
    [['--rounds', '-1'], 'ambiguous'],
    [['--rounds=-1'], '--rounds -1: expected a number, 0 or more'],
    [['--rounds', ''], 'expected a number'],
    [['--round', '3'], "Unknown option '--round'"],
    [['7'], 'Unexpected argument'],
  ])('%j is refused with what was expected', (args, message) => {
    expect(() => readOptions(args, OPTIONS)).toThrow(OptionError);
    expect(() => readOptions(args, OPTIONS)).toThrow(message);
  });

  it('must be there when a case cannot do without', () => {
    const options = { data: requiredText('DIR', 'folder of samples') };
    expect(() => readOptions([], options)).toThrow('--data DIR is missing');
    expect(readOptions(['--data', 'samples'], options)).toEqual({ data: 'samples' });
  });

  it('are described when help is asked for, whatever else is said', () => {
    const ask = (): unknown => readOptions(['--nonsense', '--help'], OPTIONS);
    expect(ask).toThrow(HelpAsked);
    try {
      ask();
    } catch (error) {
      expect((error as HelpAsked).usage).toContain('--rounds N  rounds by turns [5]');
    }
  });
});
