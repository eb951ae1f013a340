import { createSignal, createUniqueId, For, onCleanup, Show, type JSX } from 'solid-js';
import { Button, IconButton } from '../ui/controls.tsx';
import { formatDateTime } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { usePreferences } from './preferences.tsx';
import { absoluteRange, boundsOf, isRelative, RELATIVE_RANGES, shifted, zoomedOut } from './time-range.ts';
import { createUrlTimeRange } from './url-state.ts';

/** `datetime-local` has no time zone: its text is read and written in the zone the page shows. */
function toInput(ms: number, isUtc: boolean): string {
  const shift = isUtc ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - shift).toISOString().slice(0, 19);
}

const fromInput = (text: string, isUtc: boolean): number => Date.parse(isUtc ? `${text}Z` : text);

function AbsoluteForm(props: { readonly onDone: () => void }): JSX.Element {
  const time = createUrlTimeRange();
  const preferences = usePreferences();
  const [problem, setProblem] = createSignal('');
  const id = createUniqueId();
  const isUtc = () => preferences.zone() === 'utc';
  const bounds = () => boundsOf(time.range(), Date.now());
  let from!: HTMLInputElement;
  let to!: HTMLInputElement;
  const apply = (event: SubmitEvent) => {
    event.preventDefault();
    const [start, end] = [fromInput(from.value, isUtc()), fromInput(to.value, isUtc())];
    if (!(start < end)) {
      setProblem('The end must be after the start.');
      return;
    }
    time.set(absoluteRange(start, end));
    props.onDone();
  };
  return (
    <form onSubmit={apply}>
      <div class="field">
        <label for={`${id}-from`}>From ({isUtc() ? 'UTC' : 'local time'})</label>
        <input
          id={`${id}-from`}
          ref={from}
          class="input"
          type="datetime-local"
          step="1"
          required
          value={toInput(bounds().fromMs, isUtc())}
        />
      </div>
      <div class="field">
        <label for={`${id}-to`}>To</label>
        <input
          id={`${id}-to`}
          ref={to}
          class="input"
          type="datetime-local"
          step="1"
          required
          value={toInput(bounds().toMs, isUtc())}
        />
      </div>
      <Show when={problem()}>
        <p class="bad" role="alert">
          {problem()}
        </p>
      </Show>
      <Button type="submit" look="primary">
        Apply
      </Button>
    </form>
  );
}

/** The one time picker: relative and absolute ranges, one step back and forward, zoom out. */
export function TimePicker(): JSX.Element {
  const time = createUrlTimeRange();
  const preferences = usePreferences();
  const [isOpen, setOpen] = createSignal(false);
  let root!: HTMLDivElement;

  const label = () => {
    const range = time.range();
    const known = RELATIVE_RANGES.find(({ from }) => from === range.from);
    if (isRelative(range)) return known?.label ?? `${range.from} to now`;
    const { fromMs, toMs } = boundsOf(range, Date.now());
    return `${formatDateTime(fromMs, preferences.zone())} – ${formatDateTime(toMs, preferences.zone())}`;
  };
  const closeOutside = (event: Event) => {
    if (isOpen() && event.target instanceof Node && !root.contains(event.target)) setOpen(false);
  };
  document.addEventListener('pointerdown', closeOutside);
  onCleanup(() => {
    document.removeEventListener('pointerdown', closeOutside);
  });

  return (
    <div
      ref={root}
      class="time-picker"
      onKeyDown={(event) => {
        if (event.key === 'Escape') setOpen(false);
      }}
    >
      <IconButton
        icon="back"
        label="One range earlier"
        onClick={() => {
          time.set(shifted(time.range(), Date.now(), -1));
        }}
      />
      <Button icon="clock" aria-expanded={isOpen()} aria-haspopup="dialog" onClick={() => setOpen(!isOpen())}>
        {label()}
        <Icon name="down" />
      </Button>
      <IconButton
        icon="zoomOut"
        label="Zoom out to twice the range"
        onClick={() => {
          time.set(zoomedOut(time.range(), Date.now()));
        }}
      />
      <Show when={isOpen()}>
        <div class="popover time-popover" role="dialog" aria-label="Time range">
          <div class="presets">
            <For each={RELATIVE_RANGES}>
              {(preset) => (
                <Button
                  look="quiet"
                  small
                  aria-pressed={isRelative(time.range()) && time.range().from === preset.from}
                  onClick={() => {
                    time.set({ from: preset.from, to: 'now' });
                    setOpen(false);
                  }}
                >
                  {preset.label}
                </Button>
              )}
            </For>
          </div>
          <AbsoluteForm onDone={() => setOpen(false)} />
        </div>
      </Show>
    </div>
  );
}
