import { parseArgs } from 'node:util';

/** One thing that a case may be told on the command line. */
export interface Option<T> {
  readonly help: string;
  /** What `--help` says of its value; a flag has none. */
  readonly value?: string;
  /** Without it on the command line. */
  readonly fallback: T;
  readonly required?: true;
  /** Throws an `OptionError` that says what was expected. */
  read(text: string, name: string): T;
}

/** What is wrong with the command line, in a sentence for whoever typed it. */
export class OptionError extends Error {}

/** The command line asked for help: `usage` is the answer. */
export class HelpAsked extends Error {
  readonly usage: string;

  constructor(usage: string) {
    super('help was asked for');
    this.usage = usage;
  }
}

export function number(fallback: number, help: string): Option<number> {
  return { help, value: 'N', fallback, read: readNumber };
}

export function optionalNumber(help: string): Option<number | undefined> {
  return { help, value: 'N', fallback: undefined, read: readNumber };
}

export function text(value: string, help: string): Option<string | undefined> {
  return { help, value, fallback: undefined, read: (given) => given };
}

/** Without it the case does not run. */
export function requiredText(value: string, help: string): Option<string> {
  return { help, value, fallback: '', required: true, read: (given) => given };
}

export function flag(help: string): Option<boolean> {
  return { help, fallback: false, read: () => true };
}

type ValuesOf<Options> = {
  readonly [Name in keyof Options]: Options[Name] extends Option<infer T> ? T : never;
};

/** Throws `HelpAsked` for `--help`, and an `OptionError` for what is no option or has no such value. */
export function readOptions<Options extends Readonly<Record<string, Option<unknown>>>>(
  args: readonly string[],
  options: Options,
): ValuesOf<Options> {
  if (args.includes('--help') || args.includes('-h')) throw new HelpAsked(usageOf(options));
  const given = parse(args, options);
  const values = Object.entries(options).map(([name, option]) => {
    const value = given[name];
    if (value === undefined && option.required) {
      throw new OptionError(`--${name} ${option.value ?? ''} is missing\n\n${usageOf(options)}`);
    }
    return [name, value === undefined ? option.fallback : option.read(String(value), name)];
  });
  return Object.fromEntries(values) as ValuesOf<Options>;
}

function parse(
  args: readonly string[],
  options: Readonly<Record<string, Option<unknown>>>,
): Readonly<Record<string, string | boolean | undefined>> {
  const types = Object.entries(options).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(types) }).values;
  } catch (error) {
    throw new OptionError(`${error instanceof Error ? error.message : String(error)}\n\n${usageOf(options)}`);
  }
}

function readNumber(given: string, name: string): number {
  const value = Number(given);
  if (given.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new OptionError(`--${name} ${given}: expected a number, 0 or more`);
  }
  return value;
}

function usageOf(options: Readonly<Record<string, Option<unknown>>>): string {
  const rows = [
    ...Object.entries(options).map(([name, { value, help, fallback, required }]) => ({
      left: `--${name}${value === undefined ? '' : ` ${value}`}`,
      right: typeof fallback === 'number' ? `${help} [${fallback}]` : required ? `${help} (required)` : help,
    })),
    { left: '--json', right: 'the result as one JSON object, on the last line' },
  ];
  const width = Math.max(...rows.map(({ left }) => left.length));
  return ['options:', ...rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`)].join('\n');
}
