/** The part of a trace that the timeline shows, ns after its start. */
export interface Viewport {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Kept inside the trace and never narrower than a thousandth of a per cent of it. */
export function clampViewport({ fromNs, toNs }: Viewport, durationNs: number): Viewport {
  const length = Math.min(durationNs, Math.max(toNs - fromNs, durationNs / 100_000, 1));
  const from = Math.min(Math.max(0, fromNs), durationNs - length);
  return { fromNs: from, toNs: from + length };
}

/** `factor` below 1 zooms in, above 1 out; the middle stays. */
export function zoomed(view: Viewport, factor: number, durationNs: number): Viewport {
  const middle = (view.fromNs + view.toNs) / 2;
  const half = ((view.toNs - view.fromNs) / 2) * factor;
  return clampViewport({ fromNs: middle - half, toNs: middle + half }, durationNs);
}

/** `share` of the shown length to the right; negative to the left. */
export function panned(view: Viewport, share: number, durationNs: number): Viewport {
  const step = (view.toNs - view.fromNs) * share;
  return clampViewport({ fromNs: view.fromNs + step, toNs: view.toNs + step }, durationNs);
}

export interface BarPlace {
  readonly leftPercent: number;
  readonly widthPercent: number;
}

/** Where a stretch lies in the viewport; undefined when it lies outside. */
export function placeOf(startNs: number, durationNs: number, view: Viewport): BarPlace | undefined {
  const length = view.toNs - view.fromNs;
  const from = Math.max(startNs, view.fromNs);
  const to = Math.min(startNs + durationNs, view.toNs);
  if (to < from) return undefined;
  return { leftPercent: ((from - view.fromNs) / length) * 100, widthPercent: ((to - from) / length) * 100 };
}

const NICE = [1, 2, 2.5, 5, 10];

/** Round moments in the viewport, about five of them, ns after the start of the trace. */
export function rulerTicks(view: Viewport): number[] {
  const rough = (view.toNs - view.fromNs) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (NICE.find((nice) => nice * power >= rough) ?? 10) * power;
  const ticks: number[] = [];
  for (let at = Math.ceil(view.fromNs / step) * step; at < view.toNs; at += step) ticks.push(at);
  return ticks;
}
