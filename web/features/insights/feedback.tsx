import { Show, type JSX } from 'solid-js';
import type { FeedbackVerdict, JudgedInsightJson } from '../../../proto/api/index.ts';
import { api } from '../../api/client.ts';
import { createChange } from '../../api/create-change.ts';
import { useSession } from '../../app/session.tsx';
import { Button } from '../../ui/controls.tsx';
import { FormProblem } from '../../ui/form.tsx';

export type Judgement = JudgedInsightJson['feedback'];

/** Whether it was useful, as people say; each may say it once, and think again. */
export function Feedback(props: {
  readonly id: string;
  readonly feedback: Judgement;
  readonly onJudged: (feedback: Judgement) => void;
}): JSX.Element {
  const session = useSession();
  const mayJudge = () => session.me().permissions.includes('insights:judge');
  const judge = createChange(
    (verdict: FeedbackVerdict | null) =>
      api.send('PUT /api/v1/insights/:insightId/feedback', {
        params: { insightId: props.id },
        body: { verdict },
      }),
    (feedback) => {
      props.onJudged(feedback);
    },
  );
  const choice = (verdict: FeedbackVerdict, label: string, count: number) => (
    <Button
      small
      aria-pressed={props.feedback.mine === verdict}
      disabled={!mayJudge() || judge.isBusy()}
      title={mayJudge() ? 'Press again to take it back' : 'This needs the permission insights:judge'}
      onClick={() => {
        judge.run(props.feedback.mine === verdict ? null : verdict);
      }}
    >
      {label}
      <Show when={count > 0}>
        <b>{count}</b>
      </Show>
    </Button>
  );
  return (
    <div class="feedback" role="group" aria-label="Was this useful?">
      <span class="faint">Was this useful?</span>
      {choice('useful', 'Useful', props.feedback.useful)}
      {choice('not-useful', 'Not useful', props.feedback.notUseful)}
      <FormProblem problem={judge.problem()} />
    </div>
  );
}
