import { For, Match, Show, Switch, type JSX } from 'solid-js';
import type { ApiProblem } from '../../proto/api/index.ts';
import type { Answer } from '../api/create-answer.ts';
import { Button } from './controls.tsx';
import { Icon, type IconName } from './icon.tsx';

export function Loading(props: { readonly what: string; readonly rows?: number }): JSX.Element {
  return (
    <div class="skeleton-rows" role="status" aria-label={`Loading ${props.what}`}>
      <For each={Array.from({ length: props.rows ?? 6 })}>{() => <div class="skeleton" />}</For>
    </div>
  );
}

export function EmptyState(props: {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: JSX.Element;
}): JSX.Element {
  return (
    <div class="state">
      <Icon name={props.icon ?? 'inbox'} />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

const CURES: Readonly<Record<string, string>> = {
  BAD_REQUEST: 'Change or clear the filters and search again.',
  DEADLINE_EXCEEDED: 'Choose a shorter time range or add a filter, then try again.',
  NOT_READY: 'The platform is starting or stopping. Try again in a few seconds.',
  OVERLOADED: 'Try again in a few seconds.',
  STORAGE_UNAVAILABLE: 'Live pages go on working. Check the store and try again.',
};

export function ProblemState(props: {
  readonly what: string;
  readonly problem: ApiProblem;
  readonly onRetry?: () => void;
}): JSX.Element {
  return (
    <div class="state problem" role="alert">
      <Icon name="warning" />
      <h2>{props.what} could not be loaded</h2>
      <p>{props.problem.message}</p>
      <p>{props.problem.cure ?? CURES[props.problem.code] ?? 'Try again; the log of OPHION says more.'}</p>
      <p class="faint mono">{props.problem.code}</p>
      <Show when={props.onRetry}>
        {(retry) => (
          <Button
            icon="refresh"
            onClick={() => {
              retry()();
            }}
          >
            Try again
          </Button>
        )}
      </Show>
    </div>
  );
}

/** Skeleton, problem, empty state or content of an answer. Content stays while a newer answer is under way. */
export function AnswerView<T extends object>(props: {
  readonly what: string;
  readonly answer: Answer<T>;
  readonly isEmpty?: (data: T) => boolean;
  readonly empty?: JSX.Element;
  readonly children: (data: () => T) => JSX.Element;
}): JSX.Element {
  return (
    <Switch fallback={<Loading what={props.what} />}>
      <Match when={props.answer.problem()}>
        {(problem) => <ProblemState what={props.what} problem={problem()} onRetry={props.answer.refetch} />}
      </Match>
      <Match when={props.answer.data()}>
        {(data) => (
          <Show when={props.isEmpty?.(data()) !== true} fallback={props.empty}>
            {props.children(data)}
          </Show>
        )}
      </Match>
    </Switch>
  );
}
