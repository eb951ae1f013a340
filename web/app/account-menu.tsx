import { createSignal, onCleanup, Show, type JSX } from 'solid-js';
import { Icon } from '../ui/icon.tsx';
import { adminPagesFor } from './pages.ts';
import { useSession } from './session.tsx';

/** Who is signed in, and the ways from there: account, administration, out. */
export function AccountMenu(): JSX.Element {
  const session = useSession();
  const [isOpen, setOpen] = createSignal(false);
  let root!: HTMLDivElement;
  let button!: HTMLButtonElement;
  const close = () => setOpen(false);
  const closeOutside = (event: Event) => {
    if (event.target instanceof Node && !root.contains(event.target)) close();
  };
  document.addEventListener('pointerdown', closeOutside);
  onCleanup(() => {
    document.removeEventListener('pointerdown', closeOutside);
  });
  const firstAdminPage = () => adminPagesFor(session.me().permissions)[0];
  return (
    <div
      ref={root}
      class="account-menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen()) return;
        close();
        button.focus();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget instanceof Node && !root.contains(event.relatedTarget)) close();
      }}
    >
      <button
        ref={button}
        type="button"
        class="button quiet small"
        aria-expanded={isOpen()}
        aria-label={`Signed in as ${session.me().login}`}
        onClick={() => setOpen(!isOpen())}
      >
        <Icon name="person" />
        <span class="account-login">{session.me().login}</span>
        <Icon name="down" />
      </button>
      <Show when={isOpen()}>
        <nav class="popover account-popover" aria-label="Account" onClick={close}>
          <a href="/account">Account</a>
          <Show when={firstAdminPage()}>{(page) => <a href={page().href}>Administration</a>}</Show>
          <button
            type="button"
            onClick={() => {
              void session.signOut();
            }}
          >
            Sign out
          </button>
        </nav>
      </Show>
    </div>
  );
}
