import type { JSX } from 'solid-js';

/** Outlines on a 16 × 16 grid. */
const PATHS = {
  search: 'M11 11l3 3M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  keyboard:
    'M2 4h12a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H2a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM4 7h.01M7 7h.01M10 7h.01M12.5 7h.01M5 9.5h6',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M5 3l8 5-8 5z',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  question: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14zM6.2 6.2a1.9 1.9 0 1 1 2.6 1.7c-.5.3-.8.6-.8 1.2M8 11.5h.01',
  copy: 'M6 6h7v8H6zM3 10V2h7',
  check: 'M3 8.5l3 3 7-7',
  warning: 'M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5h.01',
  cross: 'M4 4l8 8M12 4l-8 8',
  right: 'M6 3l5 5-5 5',
  down: 'M3 6l5 5 5-5',
  up: 'M3 10l5-5 5 5',
  clock: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14zM8 4v4l2.5 2',
  back: 'M7 3L2 8l5 5M2 8h12',
  refresh: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9M14 1.5V5h-3.5',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11',
  person: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14a5.5 5.5 0 0 1 11 0',
  link: 'M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5L7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  inbox: 'M2 9l2-6h8l2 6v4H2zM2 9h3.5l1 2h3l1-2H14',
  plug: 'M6 1.5V5M10 1.5V5M4 5h8v2a4 4 0 0 1-8 0zM8 11v3.5',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  filter: 'M2 3h12L9.5 8.5V13l-3-1.5V8.5z',
  lines: 'M2 4h12M2 8h12M2 12h8',
  zoomOut: 'M11 11l3 3M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0zM5 7h4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon(props: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[props.name]} />
    </svg>
  );
}
