import type { z } from 'zod';
import { CliError, type CliIo, type OptionValues, textOption } from './command.ts';

/** An installation that runs, asked over its API. */
export interface RemoteInstallation {
  ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
}

export const URL_OPTION = { url: { type: 'string' } } as const;
export const URL_HELP = {
  url: 'of an installation that runs, such as http://localhost:8080; the key is in OPHION_API_KEY',
};

/** `undefined`: the installation of this machine is meant. */
export function remoteOf(options: OptionValues, io: CliIo): RemoteInstallation | undefined {
  const url = textOption(options, 'url');
  if (url === undefined) return undefined;
  const key = io.environment['OPHION_API_KEY'] ?? '';
  if (key === '') throw new CliError('--url needs a key with the scope admin in OPHION_API_KEY');
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CliError(
      `--url is ${JSON.stringify(url)}: expected a URL that starts with http:// or https://`,
    );
  }
  return { ask: (method, path, body) => ask(new URL(path, url), key, method, body) };
}

/** Throws a `CliError` when it is not what was asked for. */
export function answerOf<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new CliError('the answer is not that of an OPHION of this version');
  return parsed.data;
}

async function ask(url: URL, key: string, method: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    // A key is for the place that was named.
    redirect: 'error',
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    const { cause, message } = error as Error;
    throw new CliError(`${url.origin} does not answer: ${cause instanceof Error ? cause.message : message}`);
  });
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as unknown;
  throw new CliError(`${url.origin} says ${answer.status}: ${messageOf(text)}`);
}

function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as {
      readonly error?: { readonly message?: string; readonly cure?: string };
    };
    return [error?.message, error?.cure].filter((part) => part !== undefined).join('; ');
  } catch {
    return text.slice(0, 200);
  }
}
