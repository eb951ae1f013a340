import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import type { ServiceJson, TraceShapeJson } from '../../../proto/api/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import { createUrlTimeRange } from '../../app/url-state.ts';
import { withRange } from '../../app/with-range.ts';
import { ServiceChip } from '../../ui/chips.tsx';
import { Button, Hint } from '../../ui/controls.tsx';
import { exactCount, exactDurationMs, formatCount, formatDurationMs, formatRatio } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { AnswerView, EmptyState } from '../../ui/states.tsx';
import { stepsShown } from './steps-shown.ts';
import './trace-shapes.css';

const LIMIT = 20;
const HIGH_ERROR_RATIO = 0.01;

type Step = TraceShapeJson['steps'][number];

/** A step in words: its service only where it is another than that of the step above. */
function StepLine(props: { readonly step: Step; readonly showsService: boolean }): JSX.Element {
  return (
    <li class="shape-step" style={{ '--depth': String(Math.min(props.step.depth, 8)) }}>
      <Show when={props.showsService}>
        <ServiceChip id={props.step.service.id} />
      </Show>
      <span class="clip" title={props.step.operation}>
        {props.step.operation}
      </span>
      <Show when={props.step.repeats > 1}>
        <span class="faint" title="So many in the example, one after another or at a time">
          ×{props.step.repeats}
        </span>
      </Show>
    </li>
  );
}

function ShapeTree(props: { readonly shape: TraceShapeJson }): JSX.Element {
  const [isWhole, setWhole] = createSignal(false);
  const steps = createMemo(() => stepsShown(props.shape, isWhole()));
  return (
    <div class="shape-tree">
      <ul>
        <For each={steps().lines}>
          {({ step, showsService }) => <StepLine step={step} showsService={showsService} />}
        </For>
      </ul>
      <Show when={props.shape.variants > 1}>
        <p class="faint shape-variants">
          and {props.shape.variants - 1} that {props.shape.variants === 2 ? 'is' : 'are'} nearly the same
        </p>
      </Show>
      <Show when={steps().hidden > 0 || isWhole()}>
        <Button look="quiet" aria-expanded={isWhole()} onClick={() => setWhole(!isWhole())}>
          {isWhole()
            ? 'Fewer steps'
            : steps().hidden === 1
              ? 'One more step'
              : `${steps().hidden} more steps`}
        </Button>
      </Show>
    </div>
  );
}

function ShapeRow(props: {
  readonly shape: TraceShapeJson;
  readonly href: (root: Step) => string;
}): JSX.Element {
  const failedRatio = () => props.shape.failed / props.shape.traces;
  const latency = (ms: number) => (
    <span role="cell" class="num" title={exactDurationMs(ms)}>
      {formatDurationMs(ms)}
    </span>
  );
  return (
    <div class="grid-row shape-row" role="row">
      <span role="cell">
        <ShapeTree shape={props.shape} />
      </span>
      <span role="cell" class="shape-share" title={`${exactCount(props.shape.traces)} traces`}>
        <span class="num">{formatRatio(props.shape.share)}</span>
        <span class="share-track" aria-hidden="true">
          <span class="share-bar" style={{ width: `${props.shape.share * 100}%` }} />
        </span>
      </span>
      {latency(props.shape.p50Ms)}
      {latency(props.shape.p95Ms)}
      <span role="cell" class="num" classList={{ bad: failedRatio() >= HIGH_ERROR_RATIO }}>
        <Show when={failedRatio() >= HIGH_ERROR_RATIO}>
          <Icon name="warning" />{' '}
        </Show>
        {formatRatio(failedRatio())}
      </span>
      <span role="cell" class="num dim">
        {formatCount(Math.round(props.shape.spans))}
      </span>
      <span role="cell" class="shape-links">
        <a class="button small" href={`/traces/${props.shape.exampleTraceId}`}>
          Open example
        </a>
        <Show when={props.shape.failedTraceId}>
          {(traceId) => (
            <a class="button small" href={`/traces/${traceId()}`}>
              Open failed
            </a>
          )}
        </Show>
        <Show when={props.shape.steps[0]}>
          {(root) => (
            <a class="button small" href={props.href(root())} title="All traces with this operation">
              Show traces
            </a>
          )}
        </Show>
      </span>
    </div>
  );
}

/** How the traces of a service are built: shapes with their share, latency and failures. */
export function TraceShapes(props: { readonly service: ServiceJson['id'] }): JSX.Element {
  const time = createUrlTimeRange();
  const answer = createAnswer(
    () =>
      ({
        path: '/api/v1/traces/shapes',
        query: { from: time.range().from, to: time.range().to, service: props.service, limit: LIMIT },
      }) as const,
  );
  const href = (root: Step) =>
    withRange('/traces', time.range(), { service: root.service.id, operation: root.operation });
  return (
    <section class="panel shapes" aria-label="Shapes">
      <header class="panel-head">
        <h2>Shapes</h2>
        <Show when={answer.data()}>
          {(data) => (
            <span class="faint">
              {data().traces < data().matching
                ? `${exactCount(data().traces)} of about ${formatCount(data().matching)} traces`
                : `${exactCount(data().traces)} traces`}
            </span>
          )}
        </Show>
        <Hint label="What a shape is" fromLeft>
          Whole traces with a span of this service, as far as they are in memory. Those in which the same
          operations call the same are one shape, however often and in whatever order.
        </Hint>
      </header>
      <AnswerView
        what="Shapes"
        answer={answer}
        isEmpty={(data) => data.shapes.length === 0}
        empty={
          <EmptyState title="No trace of this range is in memory">
            <p>Shapes are found among the latest traces. Choose a range that reaches to now.</p>
          </EmptyState>
        }
      >
        {(data) => (
          <>
            <div class="grid-table" role="table" aria-label="Shapes of traces">
              <div class="grid-head" role="row">
                <div role="columnheader">What calls what</div>
                <div role="columnheader">Share</div>
                <div role="columnheader" class="num">
                  p50
                </div>
                <div role="columnheader" class="num">
                  p95
                </div>
                <div role="columnheader" class="num">
                  Failed
                </div>
                <div role="columnheader" class="num">
                  Spans
                </div>
                <div role="columnheader">Look at</div>
              </div>
              <div role="rowgroup">
                <For each={data().shapes}>{(shape) => <ShapeRow shape={shape} href={href} />}</For>
              </div>
            </div>
            <Show when={data().more}>
              <p class="faint more-note">The {data().shapes.length} most frequent; there are rarer ones.</p>
            </Show>
          </>
        )}
      </AnswerView>
    </section>
  );
}
