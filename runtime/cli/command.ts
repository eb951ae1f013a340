import type { ParseArgsConfig } from 'node:util';

/** What a command has of the world. */
export interface CliIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard output: what was asked for. */
  readonly write: (text: string) => void;
  /** Standard error: what went wrong, and what is being done. */
  readonly complain: (text: string) => void;
  readonly input: AsyncIterable<Uint8Array | string>;
}

/** What a shell is told. */
export const EXIT = {
  done: 0,
  /** There are differences; the log is broken. */
  no: 1,
  usage: 2,
  failed: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export interface CliRequest {
  readonly positionals: readonly string[];
  readonly options: OptionValues;
  readonly io: CliIo;
}

export interface Command {
  /** `config export`. */
  readonly name: string;
  /** What comes after it: `FILE`. */
  readonly arguments: readonly string[];
  readonly summary: string;
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  readonly optionHelp: Readonly<Record<string, string>>;
  run(request: CliRequest): Promise<ExitCode>;
}

/** Wrong use; what follows is how it is used. */
export class UsageError extends Error {}

/** What is wrong is said in the message, and nothing of where it was noticed. */
export class CliError extends Error {}

export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}
