import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';

export const LEAST_PASSWORD_LENGTH = 12;
export const MOST_PASSWORD_LENGTH = 256;
/** 3 of 4: more than 10^8 guesses. */
const LEAST_SCORE = 3;
/** What estimating costs grows with the length; what lies beyond adds nothing to a good password. */
const ESTIMATED_LENGTH = 64;

let estimator: ZxcvbnFactory | undefined;

/**
 * What is wrong with a new password, in a sentence for whom it belongs to; `undefined` when nothing is. Besides its
 * length: the 49,000 most common passwords, walks over the keyboard, repetitions, dates, and what others know of the
 * user are refused, also when they are joined or disguised (zxcvbn, USENIX Security 2016).
 */
export function passwordProblem(password: string, known: readonly string[]): string | undefined {
  const length = Array.from(password).length;
  if (length < LEAST_PASSWORD_LENGTH) {
    return `the password has ${length} characters: take at least ${LEAST_PASSWORD_LENGTH}`;
  }
  if (length > MOST_PASSWORD_LENGTH) {
    return `the password has ${length} characters: take at most ${MOST_PASSWORD_LENGTH}`;
  }
  // Its tables take 10 MB: made when the first password is set.
  estimator ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  const { score } = estimator.check(password.slice(0, ESTIMATED_LENGTH), [...known, 'ophion']);
  if (score >= LEAST_SCORE) return undefined;
  return 'the password is a common one, or made of such: take a few unrelated words';
}
