/** How far a platform is: `instance` tells its starts apart, `arrival` is the number of the last delivery since. */
export interface TailPosition {
  readonly instance: number;
  readonly arrival: number;
}

/** Where one goes on: after an arrival, or anew, since the platform has started since; or why the text is no cursor. */
export type TailStart =
  | { readonly type: 'after'; readonly arrival: number }
  | { readonly type: 'restarted' }
  | { readonly type: 'wrong'; readonly reason: string };

const MOST_SHOWN = 40;
/** Digits that a double holds exactly. */
const CURSOR = /^(\d{1,15})\.(\d{1,15})$/;

export function writeCursor({ instance, arrival }: TailPosition): string {
  return `${instance}.${arrival}`;
}

export function readCursor(text: string, now: TailPosition): TailStart {
  const shown = JSON.stringify(text.slice(0, MOST_SHOWN));
  const [, instance, arrival] = CURSOR.exec(text) ?? [];
  if (instance === undefined || arrival === undefined) {
    return { type: 'wrong', reason: `after is no cursor: expected the cursor of a frame, found ${shown}` };
  }
  if (Number(instance) !== now.instance) return { type: 'restarted' };
  if (Number(arrival) > now.arrival) {
    return { type: 'wrong', reason: `after is ahead of all that has arrived: ${shown}` };
  }
  return { type: 'after', arrival: Number(arrival) };
}
