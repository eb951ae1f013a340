/**
 * Nelder & Mead 1965 inside the unit box: points outside are moved to its border. Deterministic, and ends after `evaluations`
 * calls of `loss` or when the corners agree to `TOLERANCE`. A loss that is not finite counts as the worst.
 *
 * @param start where to begin, each coordinate in 0…1
 */
export function minimise(
  loss: (point: Float64Array) => number,
  start: Float64Array,
  evaluations: number,
): { readonly point: Float64Array; readonly value: number } {
  const corners = firstCorners(loss, start);
  let used = corners.length;
  while (used < evaluations && !agree(corners)) {
    used += improve(loss, corners);
    corners.sort((left, right) => left.value - right.value);
  }
  return corners[0] ?? { point: start, value: Infinity };
}

interface Corner {
  readonly point: Float64Array;
  readonly value: number;
}

const FIRST_STEP = 0.25;
const TOLERANCE = 1e-4;

function firstCorners(loss: (point: Float64Array) => number, start: Float64Array): Corner[] {
  const corners = [evaluate(loss, start)];
  for (let axis = 0; axis < start.length; axis += 1) {
    const point = start.slice();
    const from = start[axis] ?? 0;
    point[axis] = from > 1 - FIRST_STEP ? from - FIRST_STEP : from + FIRST_STEP;
    corners.push(evaluate(loss, point));
  }
  return corners.sort((left, right) => left.value - right.value);
}

/** Replaces the worst corner, or draws all towards the best; returns how many points it tried. */
function improve(loss: (point: Float64Array) => number, corners: Corner[]): number {
  const last = corners.length - 1;
  const [best, worst, second] = [corners[0], corners[last], corners[last - 1]];
  if (best === undefined || worst === undefined || second === undefined) return 1;
  const centre = centreOf(corners.slice(0, last));
  const reflected = evaluate(loss, between(centre, worst.point, -1));
  if (reflected.value < best.value) {
    const expanded = evaluate(loss, between(centre, worst.point, -2));
    corners[last] = expanded.value < reflected.value ? expanded : reflected;
    return 2;
  }
  if (reflected.value < second.value) {
    corners[last] = reflected;
    return 1;
  }
  const contracted = evaluate(loss, between(centre, worst.point, reflected.value < worst.value ? -0.5 : 0.5));
  if (contracted.value < Math.min(worst.value, reflected.value)) {
    corners[last] = contracted;
    return 2;
  }
  for (let index = 1; index <= last; index += 1) {
    corners[index] = evaluate(loss, between(best.point, corners[index]?.point ?? best.point, 0.5));
  }
  return 2 + last;
}

function evaluate(loss: (point: Float64Array) => number, point: Float64Array): Corner {
  const inside = point.map((value) => Math.min(1, Math.max(0, value)));
  const value = loss(inside);
  return { point: inside, value: Number.isFinite(value) ? value : Infinity };
}

function centreOf(corners: readonly Corner[]): Float64Array {
  const centre = new Float64Array(corners[0]?.point.length ?? 0);
  for (const { point } of corners) {
    for (let axis = 0; axis < centre.length; axis += 1) {
      centre[axis] = (centre[axis] ?? 0) + (point[axis] ?? 0) / corners.length;
    }
  }
  return centre;
}

function between(from: Float64Array, to: Float64Array, share: number): Float64Array {
  return from.map((value, axis) => value + share * ((to[axis] ?? 0) - value));
}

function agree(corners: readonly Corner[]): boolean {
  const [best, worst] = [corners[0]?.value ?? 0, corners.at(-1)?.value ?? 0];
  return worst - best <= TOLERANCE * Math.abs(best);
}
