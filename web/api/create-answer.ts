import { createEffect, createSignal, on, onCleanup, type Accessor } from 'solid-js';
import {
  urlOf,
  type ApiProblem,
  type ApiAnswers,
  type ApiGetPath,
  type ApiRequest,
} from '../../proto/api/index.ts';
import { asProblem } from './as-problem.ts';
import { api } from './client.ts';

export interface Answer<T> {
  /** The last answer; stays while a newer one is under way, goes when that one fails. */
  readonly data: Accessor<T | undefined>;
  readonly problem: Accessor<ApiProblem | undefined>;
  readonly isLoading: Accessor<boolean>;
  /** Unix ms of the last answer. */
  readonly answeredAtMs: Accessor<number | undefined>;
  readonly refetch: () => void;
}

/** Asks whenever `request` changes; an answer that is no longer wanted is aborted. `undefined` asks nothing. */
export function createAnswer<P extends ApiGetPath>(
  request: Accessor<ApiRequest<P> | undefined>,
): Answer<ApiAnswers[P]> {
  type T = ApiAnswers[P];
  const [data, setData] = createSignal<T>();
  const [problem, setProblem] = createSignal<ApiProblem>();
  const [isLoading, setLoading] = createSignal(false);
  const [answeredAtMs, setAnsweredAtMs] = createSignal<number>();
  let abort = new AbortController();

  const ask = async (wanted: ApiRequest<P>) => {
    abort.abort();
    const mine = (abort = new AbortController());
    setLoading(true);
    try {
      const answer = await api.get(wanted, mine.signal);
      if (mine.signal.aborted) return;
      setData(() => answer);
      setProblem(undefined);
      setAnsweredAtMs(Date.now());
    } catch (error) {
      if (mine.signal.aborted) return;
      setData(undefined);
      setProblem(asProblem(error));
    }
    setLoading(false);
  };

  const askNow = () => {
    const wanted = request();
    if (wanted !== undefined) void ask(wanted);
  };
  createEffect(
    on(() => {
      const wanted = request();
      return wanted && urlOf(wanted);
    }, askNow),
  );
  onCleanup(() => {
    abort.abort();
  });
  return { data, problem, isLoading, answeredAtMs, refetch: askNow };
}
