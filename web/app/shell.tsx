import { useLocation, useNavigate, useSearchParams, type RouteSectionProps } from '@solidjs/router';
import { createSignal, ErrorBoundary, For, Show, Suspense, type JSX } from 'solid-js';
import { LiveProvider } from '../live/index.ts';
import { IconButton } from '../ui/controls.tsx';
import { Icon } from '../ui/icon.tsx';
import { Loading } from '../ui/states.tsx';
import { AccountMenu } from './account-menu.tsx';
import { ConnectionBadge } from './connection-badge.tsx';
import { CrashPage } from './crash-page.tsx';
import { createOpenTroubles, InsightsProvider } from './insights.tsx';
import { createShortcuts, KeyboardProvider, KeysDialog } from './keyboard.tsx';
import { PAGES } from './pages.ts';
import { CommandPalette } from './palette.tsx';
import { PreferencesProvider, usePreferences } from './preferences.tsx';
import { SessionGate, useSession } from './session.tsx';
import { createUrlTimeRange } from './url-state.ts';
import { withRange } from './with-range.ts';

function Brand(): JSX.Element {
  return (
    <a class="brand" href="/" aria-label="OPHION, to the overview">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect class="brand-tile" width="32" height="32" rx="8" />
        <path class="brand-wave" d="M6 19c3-9 6-9 10-3s7 6 10-3" />
      </svg>
      OPHION
    </a>
  );
}

function Navigation(): JSX.Element {
  const location = useLocation();
  const { range } = createUrlTimeRange();
  const open = createOpenTroubles();
  const isCurrent = (href: string) => {
    if (href === '/') return location.pathname === '/' || location.pathname.startsWith('/services');
    return location.pathname.startsWith(href);
  };
  return (
    <nav class="nav" aria-label="Pages">
      <ul>
        <For each={PAGES}>
          {(page) => (
            <li>
              <a
                href={withRange(page.href, range())}
                aria-current={isCurrent(page.href) ? 'page' : undefined}
              >
                {page.label}
                <Show when={page.href === '/insights' && open().length > 0}>
                  <span
                    class="nav-count"
                    classList={{ critical: open()[0]?.severity === 'critical' }}
                    aria-label={`, ${open().length} open`}
                  >
                    {open().length}
                  </span>
                </Show>
              </a>
            </li>
          )}
        </For>
      </ul>
    </nav>
  );
}

type Overlay = 'keys' | 'palette' | undefined;

function TopBar(props: { readonly onOpen: (overlay: Overlay) => void }): JSX.Element {
  const preferences = usePreferences();
  return (
    <header class="topbar">
      <Brand />
      <Navigation />
      <span class="grow" />
      <ConnectionBadge />
      <button
        type="button"
        class="button palette-button"
        onClick={() => {
          props.onOpen('palette');
        }}
      >
        <Icon name="search" />
        <span class="dim">Go to…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <div class="topbar-tools">
        <button
          type="button"
          class="button quiet small"
          title="Time zone of all times shown"
          aria-label={`Times are ${preferences.zone() === 'utc' ? 'UTC' : 'local'}; switch`}
          onClick={() => {
            preferences.toggleZone();
          }}
        >
          {preferences.zone() === 'utc' ? 'UTC' : 'Local'}
        </button>
        <IconButton
          icon={preferences.theme() === 'dark' ? 'sun' : 'moon'}
          label={preferences.theme() === 'dark' ? 'Light theme' : 'Dark theme'}
          onClick={() => {
            preferences.toggleTheme();
          }}
        />
        <IconButton
          icon="keyboard"
          label="Keyboard shortcuts"
          onClick={() => {
            props.onOpen('keys');
          }}
        />
        <AccountMenu />
      </div>
    </header>
  );
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  field?.focus();
  field?.select();
}

function Frame(props: { readonly children: JSX.Element }): JSX.Element {
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams<{ kiosk: string }>();
  const [overlay, setOverlay] = createSignal<Overlay>();
  const isKiosk = () => search.kiosk === '1';
  createShortcuts([
    {
      keys: ['mod+k'],
      what: 'Go to a page, service or trace',
      group: 'Everywhere',
      inFields: true,
      run: () => setOverlay('palette'),
    },
    { keys: ['?'], what: 'Show these keys', group: 'Everywhere', run: () => setOverlay('keys') },
    { keys: ['/'], what: 'Focus the search', group: 'Everywhere', run: focusSearch },
    {
      keys: ['shift+k'],
      what: 'Kiosk mode on or off',
      group: 'Everywhere',
      run: () => {
        setSearch({ kiosk: isKiosk() ? undefined : '1' });
      },
    },
    ...PAGES.map(({ key, label, href }) => ({
      keys: [key],
      what: label,
      group: 'Pages',
      run: () => {
        navigate(href);
      },
    })),
  ]);
  return (
    <div class="shell" classList={{ kiosk: isKiosk() }}>
      <a class="button skip-link" href="#content">
        Skip to the content
      </a>
      <Show when={!isKiosk()}>
        <TopBar onOpen={setOverlay} />
      </Show>
      <main id="content" class="content" tabindex="-1">
        <ErrorBoundary fallback={(error: unknown, reset) => <CrashPage error={error} onReset={reset} />}>
          <Suspense fallback={<Loading what="the page" />}>{props.children}</Suspense>
        </ErrorBoundary>
      </main>
      <Show when={overlay() === 'palette'}>
        <CommandPalette
          onClose={() => {
            setOverlay(undefined);
          }}
        />
      </Show>
      <Show when={overlay() === 'keys'}>
        <KeysDialog
          onClose={() => {
            setOverlay(undefined);
          }}
        />
      </Show>
    </div>
  );
}

/** Live for as long as one is signed in: a socket that was refused or closed may say that one is not. */
function SignedIn(props: { readonly children: JSX.Element }): JSX.Element {
  const session = useSession();
  return (
    <LiveProvider onInterrupted={session.check}>
      <InsightsProvider>{props.children}</InsightsProvider>
    </LiveProvider>
  );
}

/** Pages for those who are not signed in. */
const WAY_IN: readonly string[] = ['/sign-in', '/set-password'];

export function Shell(props: RouteSectionProps): JSX.Element {
  const isWayIn = () => WAY_IN.includes(props.location.pathname);
  return (
    <PreferencesProvider>
      <Show
        when={!isWayIn()}
        fallback={<Suspense fallback={<Loading what="the page" />}>{props.children}</Suspense>}
      >
        <SessionGate>
          <KeyboardProvider>
            <SignedIn>
              <Frame>{props.children}</Frame>
            </SignedIn>
          </KeyboardProvider>
        </SessionGate>
      </Show>
    </PreferencesProvider>
  );
}
