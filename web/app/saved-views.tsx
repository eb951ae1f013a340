import { useLocation } from '@solidjs/router';
import { createSignal, createUniqueId, For, onCleanup, Show, type JSX } from 'solid-js';
import { Button, IconButton } from '../ui/controls.tsx';
import { readStored, writeStored } from './preferences.tsx';
import { readViews, withoutView, withView, type SavedView } from './saved-view-list.ts';

/** Views of a page that this browser remembers by name; the URL holds all of a view, so the URL is what is kept. */
export function SavedViews(props: { readonly page: 'traces' | 'logs' }): JSX.Element {
  const location = useLocation();
  const id = createUniqueId();
  // oxlint-disable-next-line solid/reactivity -- a page stays what it is
  const key = `ophion-views-${props.page}`;
  const [views, setViews] = createSignal(readViews(readStored(key)));
  const [isOpen, setOpen] = createSignal(false);
  const [name, setName] = createSignal('');
  let root!: HTMLDivElement;
  let button!: HTMLButtonElement;
  const closeOutside = (event: Event) => {
    if (event.target instanceof Node && !root.contains(event.target)) setOpen(false);
  };
  document.addEventListener('pointerdown', closeOutside);
  onCleanup(() => {
    document.removeEventListener('pointerdown', closeOutside);
  });
  const keep = (changed: readonly SavedView[]) => {
    setViews(changed);
    writeStored(key, JSON.stringify(changed));
  };
  return (
    <div
      ref={root}
      class="account-menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen()) return;
        event.stopPropagation();
        setOpen(false);
        button.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        class="button quiet"
        aria-expanded={isOpen()}
        onClick={() => setOpen(!isOpen())}
      >
        Views
      </button>
      <Show when={isOpen()}>
        <div class="popover account-popover saved-views" role="group" aria-label="Saved views">
          <Show when={views().length > 0} fallback={<p class="faint">None is saved yet.</p>}>
            <ul>
              <For each={views()}>
                {(view) => (
                  <li>
                    <a class="grow clip" href={`/${props.page}${view.search}`} onClick={() => setOpen(false)}>
                      {view.name}
                    </a>
                    <IconButton
                      small
                      icon="cross"
                      label={`Forget ${view.name}`}
                      onClick={() => {
                        keep(withoutView(views(), view.name));
                      }}
                    />
                  </li>
                )}
              </For>
            </ul>
          </Show>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              keep(withView(views(), { name: name(), search: location.search }));
              setName('');
            }}
          >
            <label class="visually-hidden" for={id}>
              Name of this view
            </label>
            <input
              id={id}
              class="input"
              value={name()}
              placeholder="Name of this view"
              autocomplete="off"
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" small disabled={name().trim() === ''}>
              Save
            </Button>
          </form>
        </div>
      </Show>
    </div>
  );
}
