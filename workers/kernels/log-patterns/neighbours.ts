import { covers, isValueDifference } from './template-token.ts';

/** Written by the miner alone. */
export interface Pattern {
  readonly id: string;
  tokens: readonly string[];
  count: number;
  readonly order: number;
  /** In lines read. */
  lastSeen: number;
  /** Lines, of which examples of parameters are made when asked for. */
  samples: string[];
  /** The pattern that took this one in. */
  mergedInto: Pattern | undefined;
  /** No longer kept: merged or forgotten. */
  isGone: boolean;
}

/** A word that differs tells messages apart until it has had so many values in otherwise equal templates. */
const VALUES_OF_A_VARIABLE = 5;
/** The youngest patterns of one length that a new shape may merge with: the bound of what a line may cost. */
const MOST_COMPARED = 1_024;
const IS_WORD = /[A-Za-z\u0080-\uffff]{2}/;

interface Neighbour {
  readonly pattern: Pattern;
  /** Where it differs. */
  readonly places: readonly number[];
}

/** Those that differ in at most half of the words, nearest and oldest first. */
export function neighboursOf(pattern: Pattern, bucket: readonly Pattern[]): Neighbour[] {
  const neighbours: Neighbour[] = [];
  const most = pattern.tokens.length / 2;
  for (let at = Math.max(0, bucket.length - MOST_COMPARED); at < bucket.length; at += 1) {
    const other = bucket[at];
    if (other === undefined || other === pattern) continue;
    const places = differences(pattern.tokens, other.tokens, most);
    if (places !== undefined) neighbours.push({ pattern: other, places });
  }
  return neighbours.sort((one, other) => {
    return one.places.length - other.places.length || one.pattern.order - other.pattern.order;
  });
}

/** Those to merge with if what varies is at `places`: none if that is no value. */
export function familyOf(
  pattern: Pattern,
  neighbours: readonly Neighbour[],
  places: ReadonlySet<number>,
): Pattern[] {
  const { tokens } = pattern;
  const words = tokens.filter((token, place) => !places.has(place) && IS_WORD.test(token)).length;
  if (words === 0) return [];
  const family = neighbours
    .filter((other) => other.places.every((place) => places.has(place)))
    .map((other) => other.pattern);
  const alike = family.filter((other) => {
    return [...places].every((place) => isSameOrValue(tokens[place] ?? '', other.tokens[place] ?? ''));
  });
  if (alike.length > 0) return alike;
  const isVaried = [...places].every((place) => {
    const values = new Set([pattern, ...family].map((other) => other.tokens[place]));
    return values.size >= valuesOfAVariable(words, place);
  });
  return isVaried ? family : [];
}

/** The fewer words stay, and at the start of a line above all, the likelier the one that differs is the message. */
function valuesOfAVariable(words: number, place: number): number {
  const factor = words >= 3 ? 1 : words === 2 ? 1.5 : 4;
  return VALUES_OF_A_VARIABLE * factor * (place === 0 && words < 5 ? 2 : 1);
}

function isSameOrValue(one: string, other: string): boolean {
  return covers(one, other) || covers(other, one) || isValueDifference(one, other);
}

function differences(one: readonly string[], other: readonly string[], most: number): number[] | undefined {
  const places: number[] = [];
  for (let place = 0; place < one.length; place += 1) {
    const [token = '', widened = ''] = [one[place], other[place]];
    if (covers(widened, token)) continue;
    if (places.length + 1 > most) return undefined;
    places.push(place);
  }
  return places;
}
