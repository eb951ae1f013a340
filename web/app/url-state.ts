import { useLocation, useNavigate, useSearchParams } from '@solidjs/router';
import { createMemo, type Accessor } from 'solid-js';
import { rangeFromUrl, USUAL_RANGE, type TimeRange } from './time-range.ts';

export interface UrlText {
  readonly value: Accessor<string>;
  readonly set: (value: string) => void;
}

/** One search parameter of the URL as state: it survives reload, back and sharing. Absent is ''. */
export function createUrlText(name: string): UrlText {
  const [search, setSearch] = useSearchParams();
  const value = createMemo(() => {
    const found = search[name];
    return (typeof found === 'object' ? found[0] : found) ?? '';
  });
  return {
    value,
    set(next) {
      if (next !== value()) setSearch({ [name]: next === '' ? undefined : next });
    },
  };
}

export interface UrlTimeRange {
  readonly range: Accessor<TimeRange>;
  readonly set: (range: TimeRange) => void;
}

export function createUrlTimeRange(): UrlTimeRange {
  const [search, setSearch] = useSearchParams<{ from: string; to: string }>();
  const range = createMemo<TimeRange>(() => rangeFromUrl(search.from, search.to), USUAL_RANGE, {
    equals: (one, other) => one.from === other.from && one.to === other.to,
  });
  return {
    range,
    set({ from, to }) {
      setSearch({
        from: from === USUAL_RANGE.from ? undefined : from,
        to: to === 'now' ? undefined : to,
      });
    },
  };
}

/** Replaces several search parameters at once; '' removes one. */
export function useUrlPatch(): (patch: Readonly<Record<string, string>>) => void {
  const location = useLocation();
  const navigate = useNavigate();
  return (patch) => {
    const search = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(patch)) {
      if (value === '') search.delete(key);
      else search.set(key, value);
    }
    navigate(`${location.pathname}?${search.toString()}`, { scroll: false });
  };
}
