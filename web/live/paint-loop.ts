/**
 * Coalesces: however often `request` is called, `paint` runs at most once an animation frame. A hidden tab gets no
 * animation frames, so it costs nothing and catches up when it is shown.
 */
export interface PaintLoop {
  request(paint: () => void): void;
  cancel(paint: () => void): void;
}

export function makePaintLoop(
  onNextFrame: (run: () => void) => void = (run) => requestAnimationFrame(run),
): PaintLoop {
  const waiting = new Set<() => void>();
  let isRequested = false;
  const run = () => {
    isRequested = false;
    const paints = [...waiting];
    waiting.clear();
    for (const paint of paints) paint();
  };
  return {
    request(paint) {
      waiting.add(paint);
      if (isRequested) return;
      isRequested = true;
      onNextFrame(run);
    },
    cancel: (paint) => waiting.delete(paint),
  };
}
