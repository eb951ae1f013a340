import type { z } from 'zod';
import type { BodyOf, Endpoint, KeyOf, PathParametersOf } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import { actorOf, type Admitted } from '../../doors/index.ts';
import type { Client, Principal, User } from '../../auth/index.ts';
import type { HttpRequestHead } from '../../http/index.ts';
import { ApiError } from '../api-error.ts';

/** An answer that also sets cookies. */
export class AnswerWithCookies<Answer> {
  readonly answer: Answer;
  readonly cookies: readonly string[];

  constructor(answer: Answer, cookies: readonly string[]) {
    this.answer = answer;
    this.cookies = cookies;
  }
}

/** A request whose parameters are as its endpoint describes them, and that the door has let in. */
export interface AccessRequest<E extends Endpoint> {
  readonly path: PathParametersOf<E>;
  readonly query: z.output<E['queryParameters']>;
  readonly body: BodyOf<E>;
  readonly head: HttpRequestHead;
  readonly admitted: Admitted;
}

type Handler<E extends Endpoint> = (
  access: Access,
  request: AccessRequest<E>,
) => Promise<z.output<E['answer']> | AnswerWithCookies<z.output<E['answer']>>>;

/** What answers each endpoint of a table, by method and path. */
export type AccessHandlers<Table extends readonly Endpoint[]> = {
  readonly [E in Table[number] as KeyOf<E>]: Handler<E>;
};

export const DONE = { done: true } as const;

export function clientOf({ head, admitted }: Pick<AccessRequest<Endpoint>, 'head' | 'admitted'>): Client {
  const userAgent = (head.header('user-agent') ?? '').replaceAll(/\p{Cc}/gu, '');
  return { address: admitted.address, userAgent };
}

/** Who asks: endpoints that use this need at least that somebody is signed in. */
export function askerOf({ admitted }: Pick<AccessRequest<Endpoint>, 'admitted'>): {
  readonly principal: Principal;
  readonly actor: string;
  readonly address: string;
} {
  const { principal, address } = admitted;
  if (!principal) throw new Error('an endpoint that needs nothing asks who asks');
  return { principal, actor: actorOf(principal), address };
}

export function ownUser(access: Access, request: Pick<AccessRequest<Endpoint>, 'admitted'>): User {
  return foundOr(access.users.get(askerOf(request).principal.userId), 'user');
}

/** What is not there, and what is not theirs, are the same to whoever asks. */
export function foundOr<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new ApiError('NOT_FOUND', `there is no such ${what}`);
  return found;
}

export function tooOften(retryAfterMs: number): ApiError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return new ApiError('RATE_LIMITED', 'too many attempts', `try again in ${seconds} s`, {
    'retry-after': String(seconds),
  });
}
