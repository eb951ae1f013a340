import { createMemo, type JSX } from 'solid-js';

const HEIGHT = 20;
const LEAST = 1;

/** Bars of counts as an outline, one unit wide each; none where nothing was. */
export function barsPath(values: readonly number[], height: number): string {
  const most = Math.max(...values, 0);
  return values
    .map((value, at) => {
      if (!(value > 0)) return '';
      const tall = Math.max(LEAST, (value / most) * height);
      return `M${at + 0.1} ${height}V${(height - tall).toFixed(1)}h0.8V${height}z`;
    })
    .join('');
}

/** Counts by time in a row of a table: the latest at the right, as many columns as `columns`, whatever is known of them. */
export function CountBars(props: {
  readonly values: readonly number[];
  readonly columns: number;
  readonly label: string;
}): JSX.Element {
  const path = createMemo(() => {
    const shown = props.values.slice(-props.columns);
    const missing = Array.from({ length: props.columns - shown.length }, () => Number.NaN);
    return barsPath(
      [...missing, ...shown].map((value) => (Number.isNaN(value) ? 0 : value)),
      HEIGHT,
    );
  });
  return (
    <svg
      class="count-bars"
      viewBox={`0 0 ${props.columns} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={props.label}
    >
      <path d={path()} />
    </svg>
  );
}
