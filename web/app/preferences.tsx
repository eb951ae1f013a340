import {
  createContext,
  createRenderEffect,
  createSignal,
  onCleanup,
  useContext,
  type Accessor,
  type JSX,
} from 'solid-js';
import type { TimeZone } from '../ui/format.ts';

/** What a person chooses for this browser and not for a view: kept in localStorage, not in the URL. */
export type ThemeChoice = 'system' | 'dark' | 'light';

export interface Preferences {
  readonly theme: Accessor<'dark' | 'light'>;
  toggleTheme(): void;
  readonly zone: Accessor<TimeZone>;
  toggleZone(): void;
}

const PreferencesContext = createContext<Preferences>();

export function usePreferences(): Preferences {
  const preferences = useContext(PreferencesContext);
  if (preferences === undefined) throw new Error('usePreferences needs a PreferencesProvider above it');
  return preferences;
}

/** Storage that is switched off or full costs the choice its permanence and nothing else. */
export function readStored(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

export function PreferencesProvider(props: { readonly children: JSX.Element }): JSX.Element {
  const media = window.matchMedia('(prefers-color-scheme: light)');
  const [systemTheme, setSystemTheme] = createSignal<'dark' | 'light'>(media.matches ? 'light' : 'dark');
  const follow = () => setSystemTheme(media.matches ? 'light' : 'dark');
  media.addEventListener('change', follow);
  onCleanup(() => {
    media.removeEventListener('change', follow);
  });

  const kept = readStored('ophion.theme');
  const [choice, setChoice] = createSignal<ThemeChoice>(
    kept === 'dark' || kept === 'light' ? kept : 'system',
  );
  const [zone, setZone] = createSignal<TimeZone>(readStored('ophion.zone') === 'utc' ? 'utc' : 'local');
  const theme = () => {
    const chosen = choice();
    return chosen === 'system' ? systemTheme() : chosen;
  };
  createRenderEffect(() => {
    document.documentElement.dataset['theme'] = theme();
  });

  const preferences: Preferences = {
    theme,
    toggleTheme() {
      const next = theme() === 'dark' ? 'light' : 'dark';
      setChoice(next);
      writeStored('ophion.theme', next);
    },
    zone,
    toggleZone() {
      const next = zone() === 'utc' ? 'local' : 'utc';
      setZone(next);
      writeStored('ophion.zone', next);
    },
  };
  return <PreferencesContext.Provider value={preferences}>{props.children}</PreferencesContext.Provider>;
}
