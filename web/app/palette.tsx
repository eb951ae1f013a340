import { useNavigate } from '@solidjs/router';
import { createMemo, createSignal, For, onMount, Show, type JSX } from 'solid-js';
import { useLive } from '../live/index.ts';
import { Dialog } from '../ui/dialog.tsx';
import { parseServiceId, serviceLabel, servicePath } from '../ui/service-id.ts';
import { matchEntries, type PaletteEntry } from './palette-match.ts';
import { adminPagesFor, PAGES } from './pages.ts';
import { useSession } from './session.tsx';

const MOST_SHOWN = 12;

/** Jumps to any page, service or trace id. */
export function CommandPalette(props: { readonly onClose: () => void }): JSX.Element {
  const live = useLive();
  const session = useSession();
  const navigate = useNavigate();
  const [typed, setTyped] = createSignal('');
  const [active, setActive] = createSignal(0);
  let input!: HTMLInputElement;

  const pages = [
    ...PAGES.map(({ label, href }) => ({ label, href, detail: 'Page' })),
    { label: 'Account', href: '/account', detail: 'Page' },
    ...adminPagesFor(session.me().permissions).map(({ label, href }) => ({
      label,
      href,
      detail: 'Administration',
    })),
  ];
  const services: readonly PaletteEntry[] = [...live.overview.store.all()]
    .map(({ key }) => key)
    .sort()
    .flatMap((id) => {
      const { name } = parseServiceId(id);
      const search = encodeURIComponent(id);
      return [
        { label: name, detail: `Service · ${serviceLabel(id)}`, href: servicePath(id) },
        { label: `${name} traces`, detail: serviceLabel(id), href: `/traces?service=${search}` },
        { label: `${name} logs`, detail: serviceLabel(id), href: `/logs?service=${search}` },
      ];
    });
  const found = createMemo(() => {
    const entries = typed().trim() === '' ? [...pages, ...services] : [...services, ...pages];
    return matchEntries(entries, typed(), MOST_SHOWN);
  });

  const go = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    props.onClose();
    navigate(entry.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive((index) => (index + step + found().length) % Math.max(1, found().length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(found()[active()]);
    }
  };
  onMount(() => {
    input.focus();
  });

  return (
    <Dialog label="Go to" isBare onClose={props.onClose}>
      <div class="palette">
        <input
          ref={input}
          class="palette-input"
          role="combobox"
          aria-label="Service, page or trace id"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={`palette-${active()}`}
          placeholder="Service, page or trace id…"
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul id="palette-list" role="listbox" aria-label="Results">
          <For
            each={found()}
            fallback={<li class="palette-none">Nothing fits. A trace id has 32 digits.</li>}
          >
            {(entry, index) => (
              <li
                id={`palette-${index()}`}
                role="option"
                aria-selected={index() === active()}
                onMouseMove={() => setActive(index())}
                onClick={() => {
                  go(entry);
                }}
              >
                <span class="clip">{entry.label}</span>
                <Show when={entry.detail}>
                  <span class="faint clip">{entry.detail}</span>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </div>
    </Dialog>
  );
}
