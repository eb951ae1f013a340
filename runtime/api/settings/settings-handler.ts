import type { z } from 'zod';
import type { BodyOf, Endpoint, KeyOf, PathParametersOf } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import type { Admitted } from '../../doors/index.ts';
import type { HttpRequestHead } from '../../http/index.ts';
import type { RunningSettings } from '../../control-plane/index.ts';
import { ConfigurationConflictError, LastAdminError } from '../../configuration/index.ts';
import {
  SettingsConflictError,
  SettingsInvalidError,
  SettingsVersionUnknownError,
} from '../../settings/index.ts';
import type { AnswerWithCookies } from '../access/index.ts';
import { ApiError } from '../api-error.ts';

export interface SettingsContext {
  readonly access: Access;
  readonly settings: RunningSettings;
}

/** An answer that sends the browser elsewhere. */
export class AnswerElsewhere {
  readonly location: string;
  readonly cookies: readonly string[];

  constructor(location: string, cookies: readonly string[] = []) {
    this.location = location;
    this.cookies = cookies;
  }
}

/** A request whose parameters are as its endpoint describes them, and that the door has let in. */
export interface SettingsRequest<E extends Endpoint> {
  readonly path: PathParametersOf<E>;
  readonly query: z.output<E['queryParameters']>;
  readonly body: BodyOf<E>;
  readonly head: HttpRequestHead;
  readonly admitted: Admitted;
}

/** What answers each endpoint of a table, by method and path. */
export type SettingsHandlers<Table extends readonly Endpoint[]> = {
  readonly [E in Table[number] as KeyOf<E>]: (
    context: SettingsContext,
    request: SettingsRequest<E>,
  ) => Promise<z.output<E['answer']> | AnswerWithCookies<z.output<E['answer']>> | AnswerElsewhere>;
};

const CONFLICTS = [SettingsConflictError, ConfigurationConflictError, LastAdminError] as const;

/** Refusals of the settings as the API says them. */
export async function refusable<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SettingsInvalidError) throw new ApiError('BAD_REQUEST', error.message);
    if (error instanceof SettingsVersionUnknownError) throw new ApiError('NOT_FOUND', error.message);
    if (CONFLICTS.some((kind) => error instanceof kind)) {
      throw new ApiError('CONFLICT', (error as Error).message);
    }
    throw error;
  }
}
