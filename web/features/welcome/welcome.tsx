import { createMemo, createSignal, For, Show, type JSX } from 'solid-js';
import { createAnswer } from '../../api/create-answer.ts';
import { useLive } from '../../live/index.ts';
import { CopyButton, Segmented } from '../../ui/controls.tsx';
import { isOwnService, servicePath } from '../../ui/service-id.ts';
import { curlSpan, isLoopback, recipesFor, SOME_KEY, type Target } from './recipes.ts';
import './welcome.css';

/** What OTLP exporters use when nobody says otherwise, and so do we. */
const USUAL = { grpcPort: 4317, httpPort: 4318, tls: false, anonymous: 'loopback' } as const;

function randomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

function CodeBlock(props: { readonly code: string; readonly label: string }): JSX.Element {
  return (
    <div class="code-block">
      <pre tabindex="0">
        <code>{props.code}</code>
      </pre>
      <CopyButton withText text={props.code} label={`Copy: ${props.label}`} />
    </div>
  );
}

/** A new install: how to send the first span. Goes by itself when one arrives. */
export function Welcome(): JSX.Element {
  const { overview } = useLive();
  const status = createAnswer(() => ({ path: '/api/v1/status' }) as const);
  const [chosen, setChosen] = createSignal('node');
  const ids = { traceId: randomHex(16), spanId: randomHex(8) };
  const target = createMemo<Target>(() => {
    const host = window.location.hostname;
    const { anonymous, ...where } = status.data()?.otlp ?? USUAL;
    const needsKey = anonymous === 'never' || (anonymous === 'loopback' && !isLoopback(host));
    return { host, ...where, needsKey };
  });
  const recipes = createMemo(() => recipesFor(target()));
  const recipe = () => recipes().find(({ id }) => id === chosen());
  const ownId = createMemo(() => {
    overview.version();
    return [...overview.store.all()].map(({ key }) => key).find(isOwnService);
  });
  const curl = () => curlSpan(target(), ids.traceId, ids.spanId);

  return (
    <div class="page-body">
      <section class="welcome" aria-labelledby="welcome-title">
        <header>
          <h1 id="welcome-title">Send the first span</h1>
          <p class="dim">
            OPHION takes OpenTelemetry: traces, metrics and logs over OTLP. Point an application here and it
            shows up on this page within a second.
          </p>
          <p class="waiting" role="status">
            <span class="dot pulse" aria-hidden="true" />
            Listening on <code>{`${target().host}:${target().grpcPort}`}</code> (gRPC) and{' '}
            <code>{`${target().host}:${target().httpPort}`}</code> (HTTP)
          </p>
          <Show when={status.problem()}>
            <p class="banner warn">
              The ports could not be asked for ({status.problem()?.message}); these are the usual ones.
            </p>
          </Show>
          <Show when={target().needsKey}>
            <p class="dim">
              From here, telemetry is taken with an API key only: make one under{' '}
              <a class="link" href="/account">
                Account
              </a>
              , and put it where <code>{SOME_KEY}</code> stands.
            </p>
          </Show>
        </header>
        <Segmented
          label="Language"
          value={chosen()}
          options={recipes().map(({ id, label }) => ({ value: id, label }))}
          onPick={setChosen}
        />
        <ol class="steps">
          <For each={recipe()?.steps}>
            {(step) => (
              <li>
                <h2>{step.what}</h2>
                <CodeBlock code={step.code} label={step.what} />
              </li>
            )}
          </For>
        </ol>
        <section class="by-hand">
          <h2>No application at hand? Send one span from a shell</h2>
          <CodeBlock code={curl()} label="a span by curl" />
        </section>
        <Show when={ownId()}>
          {(id) => (
            <p class="faint">
              OPHION watches itself meanwhile:{' '}
              <a class="link" href={servicePath(id())}>
                its own figures
              </a>
              .
            </p>
          )}
        </Show>
      </section>
    </div>
  );
}
