import { createMemo, type Accessor } from 'solid-js';
import { SERIES_COLOURS } from '../ui/series-colour.ts';

/** The design tokens a canvas needs; CSS variables do not reach into one. */
export interface ChartColours {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
  readonly error: string;
  readonly warn: string;
  readonly info: string;
  readonly series: readonly string[];
}

function readColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: token('text'),
    faint: token('text-3'),
    line: token('line'),
    surface: token('surface'),
    accent: token('accent'),
    error: token('error'),
    warn: token('warn'),
    info: token('info'),
    series: Array.from({ length: SERIES_COLOURS }, (_, index) => token(`series-${index}`)),
  };
}

/** Read anew when `theme` changes. */
export function createChartColours(theme: Accessor<string>): Accessor<ChartColours> {
  const colours = createMemo(() => {
    // This may run before whoever else puts the theme on the document.
    document.documentElement.dataset['theme'] = theme();
    return readColours();
  });
  return colours;
}
