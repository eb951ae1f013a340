import { createSignal, createUniqueId, Show, type JSX } from 'solid-js';
import { Icon } from '../../ui/icon.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { readTrace, type TraceFile } from './trace-file.ts';
import { TraceContent } from './trace-content.tsx';

/** Shows a trace that was saved as JSON, here or elsewhere. The file does not leave the browser. */
export function TraceFilePage(): JSX.Element {
  const id = createUniqueId();
  const [trace, setTrace] = createSignal<TraceFile>();
  const [problem, setProblem] = createSignal('');
  const open = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      setTrace(readTrace(await file.text()));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <Show
      when={trace()}
      keyed
      fallback={
        <EmptyState title="Open a trace that was saved" icon="inbox">
          <p>
            A file that the page of a trace saved as JSON, from here or from another OPHION. It stays in this
            browser.
          </p>
          <Show when={problem()}>
            {(text) => (
              <p class="banner error" role="alert">
                <Icon name="warning" /> {text()}
              </p>
            )}
          </Show>
          <label class="button primary" for={id}>
            Choose a file
          </label>
          <input
            id={id}
            class="visually-hidden"
            type="file"
            accept="application/json,.json"
            onChange={(event) => void open(event.currentTarget.files?.[0])}
          />
        </EmptyState>
      }
    >
      {(opened) => <TraceContent trace={opened} />}
    </Show>
  );
}
