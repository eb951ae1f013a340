import { setImmediate as nextTurn } from 'node:timers/promises';

/** Sums of doubles differ in their last digits with the order of what is added. */
const DIGITS = 7;
/** To so many digits a sum of some that is whole is so whatever their order. */
const WHOLE_DIGITS = 15;
/** No count comes near it. Larger whole numbers may be sums of doubles that were rounded to one. */
const WHOLE_BELOW = 2 ** 46;

/**
 * A text that two answers share when they say the same: lists are compared as sets, since items that are equal in rank may
 * stand in any order, and doubles to seven digits unless they are whole numbers below 2^46.
 */
export function canonicalAnswer(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`;
    case 'number':
      return canonicalNumber(value);
    case 'string':
      return JSON.stringify(isDecimal(value) ? Number(value).toPrecision(DIGITS) : value);
    case 'object':
      return value === null ? 'null' : canonicalObject(value);
    default:
      return String(value);
  }
}

function canonicalNumber(value: number): string {
  const near = Number(value.toPrecision(WHOLE_DIGITS));
  const isWhole = Number.isInteger(near) && Math.abs(near) < WHOLE_BELOW;
  return isWhole ? String(near) : value.toPrecision(DIGITS);
}

/** Items between two turns of the event loop; some milliseconds. */
const TURN_ITEMS = 64;

/** The same of a large answer: its lists are gone through without holding the event loop. */
export async function canonicalInTurns(answer: unknown): Promise<string> {
  if (Array.isArray(answer)) {
    const texts: string[] = [];
    for (const [index, item] of answer.entries()) {
      if (index % TURN_ITEMS === TURN_ITEMS - 1) await nextTurn();
      texts.push(canonicalAnswer(item));
    }
    return `[${texts.sort().join(',')}]`;
  }
  const isPlain = typeof answer === 'object' && answer !== null && !ArrayBuffer.isView(answer);
  if (!isPlain || answer instanceof Map) return canonicalAnswer(answer);
  const members: string[] = [];
  for (const [key, member] of Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${await canonicalInTurns(member)}`);
  }
  return `{${members.join(',')}}`;
}

function canonicalObject(value: object): string {
  if (ArrayBuffer.isView(value)) return canonicalList(Array.from(value as unknown as Iterable<unknown>));
  if (Array.isArray(value)) return canonicalList(value);
  if (value instanceof Map) return canonicalList([...(value as ReadonlyMap<unknown, unknown>)]);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalAnswer(member)}`);
  return `{${members.join(',')}}`;
}

function canonicalList(items: readonly unknown[]): string {
  return `[${items.map(canonicalAnswer).sort().join(',')}]`;
}

/** Prometheus writes doubles as texts; whole numbers, times among them, stay as they are. */
function isDecimal(text: string): boolean {
  return text.length < 32 && /^-?\d+\.\d+(e[-+]?\d+)?$|^-?\d+e[-+]?\d+$/.test(text);
}
