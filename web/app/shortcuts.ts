/** Keyboard shortcuts: which key does what, on this page and now. The dialog behind `?` lists the same registry. */
export interface Shortcut {
  /** As `comboOf` writes it: `j`, `?`, `mod+k`, `shift+arrowleft`. */
  readonly keys: readonly string[];
  readonly what: string;
  readonly group: string;
  readonly run: () => void;
  /** Works while the focus is in a text field too. */
  readonly inFields?: boolean;
}

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Shift is named only where it does not already change the key: `?` is `?`, shift and an arrow is `shift+arrowup`. */
export function comboOf(press: KeyPress): string {
  const key = press.key.toLowerCase();
  const isLetter = /^[a-z]$/.test(key);
  return [
    press.ctrlKey || press.metaKey ? 'mod+' : '',
    press.altKey ? 'alt+' : '',
    press.shiftKey && (isLetter || key.length > 1) ? 'shift+' : '',
    key === ' ' ? 'space' : key,
  ].join('');
}

export interface Shortcuts {
  add(shortcuts: readonly Shortcut[]): () => void;
  /** True when a shortcut took the key. The one added last wins. */
  press(press: KeyPress, isInField: boolean): boolean;
  all(): readonly Shortcut[];
}

export function makeShortcuts(): Shortcuts {
  let sets: (readonly Shortcut[])[] = [];
  return {
    add(shortcuts) {
      sets = [...sets, shortcuts];
      return () => {
        sets = sets.filter((set) => set !== shortcuts);
      };
    },
    press(press, isInField) {
      const combo = comboOf(press);
      for (const shortcut of sets.toReversed().flat()) {
        if (!shortcut.keys.includes(combo) || (isInField && shortcut.inFields !== true)) continue;
        shortcut.run();
        return true;
      }
      return false;
    },
    all: () => sets.flat(),
  };
}
