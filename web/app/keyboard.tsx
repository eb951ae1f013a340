import { createContext, For, onCleanup, useContext, type JSX } from 'solid-js';
import { Dialog } from '../ui/dialog.tsx';
import { makeShortcuts, type Shortcut, type Shortcuts } from './shortcuts.ts';

const KeyboardContext = createContext<Shortcuts>();

function useShortcuts(): Shortcuts {
  const shortcuts = useContext(KeyboardContext);
  if (shortcuts === undefined) throw new Error('shortcuts need a KeyboardProvider above them');
  return shortcuts;
}

const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

export function KeyboardProvider(props: { readonly children: JSX.Element }): JSX.Element {
  const shortcuts = makeShortcuts();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (document.querySelector('dialog[open]') !== null) return;
    if (shortcuts.press(event, isField(event.target))) event.preventDefault();
  };
  window.addEventListener('keydown', onKeyDown);
  onCleanup(() => {
    window.removeEventListener('keydown', onKeyDown);
  });
  return <KeyboardContext.Provider value={shortcuts}>{props.children}</KeyboardContext.Provider>;
}

/** For as long as the calling component lives. */
export function createShortcuts(shortcuts: readonly Shortcut[]): void {
  onCleanup(useShortcuts().add(shortcuts));
}

const SHOWN: Readonly<Record<string, string>> = {
  'mod+k': 'Ctrl K',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  escape: 'Esc',
  enter: 'Enter',
  space: 'Space',
};

const shown = (combo: string) => SHOWN[combo] ?? combo.replace('mod+', 'Ctrl ').replace('shift+', 'Shift ');

export function KeysDialog(props: { readonly onClose: () => void }): JSX.Element {
  const groups = new Map<string, Shortcut[]>();
  for (const shortcut of useShortcuts().all()) {
    groups.set(shortcut.group, [...(groups.get(shortcut.group) ?? []), shortcut]);
  }
  return (
    <Dialog label="Keyboard shortcuts" onClose={props.onClose}>
      <div class="keys">
        <For each={[...groups]}>
          {([group, shortcuts]) => (
            <section>
              <h3>{group}</h3>
              <dl>
                <For each={shortcuts}>
                  {(shortcut) => (
                    <>
                      <dt>
                        <For each={shortcut.keys}>{(key) => <kbd>{shown(key)}</kbd>}</For>
                      </dt>
                      <dd>{shortcut.what}</dd>
                    </>
                  )}
                </For>
              </dl>
            </section>
          )}
        </For>
      </div>
    </Dialog>
  );
}
