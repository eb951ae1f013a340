import { BoundedMap } from './bounded-map.ts';
import { fingerprintText } from './fingerprint-text.ts';
import { withoutLongRows } from './list-tokens.ts';
import { type ParameterType, parameterType, parameterValues, withSingleBlanks } from './parameters.ts';
import { familyOf, neighboursOf, type Pattern } from './neighbours.ts';
import { ANY, ANY_UNIT, shapeTokens, WILDCARD } from './shape-tokens.ts';
import { SkeletonScanner } from './skeleton.ts';
import { covers, generalise } from './template-token.ts';

export interface PatternMinerOptions {
  /** Patterns kept; above, those longest unseen are forgotten. */
  readonly mostPatterns?: number;
  /** Words of a line that are read; the rest is one value. */
  readonly mostTokens?: number;
  /** UTF-16 units of a line that are read; the rest is one value. */
  readonly mostCharacters?: number;
  /** Skeletons of lines that are remembered with their pattern. */
  readonly mostSkeletons?: number;
}

export interface PatternParameter {
  /** Of all examples; `text` if they differ. */
  readonly type: ParameterType;
  readonly examples: readonly string[];
}

export interface LogPattern {
  /** Stays as the template is revised, and is the same after a restart. */
  readonly id: string;
  /** Constant words, and `<*>` for what varies. */
  readonly template: string;
  readonly count: number;
  /** One for each `<*>`, in order. */
  readonly parameters: readonly PatternParameter[];
}

/** A pattern that took another one in: ids. */
export interface PatternMerge {
  readonly from: string;
  readonly into: string;
}

/** Plain data, for JSON. */
export interface PatternMinerState {
  readonly version: 1;
  /** Lines read. */
  readonly lines: number;
  /** In order of creation. */
  readonly patterns: readonly {
    readonly id: string;
    readonly tokens: readonly string[];
    readonly count: number;
    readonly lastSeen: number;
    readonly samples: readonly string[];
  }[];
}

/** Sets of places that are tried as the variables of a new shape, nearest patterns first. */
const MOST_FAMILIES = 16;
const MOST_SAMPLES = 3;
const LONGEST_SAMPLE = 1_024;
const FORGOTTEN_SHARE = 1 / 8;

/**
 * Online mining of log templates: one pass, no configuration, bounded memory. A line is reduced to its skeleton (`skeleton.ts`),
 * whose hash usually finds its pattern. A new skeleton is masked by type into a shape (`shape-tokens.ts`). A shape that no template
 * of its length covers starts a pattern; patterns merge when they differ in values, or in words at places that have taken many
 * words in otherwise equal templates. Groups by length are Drain's (He et al., ICWS 2017), the count of words at a place is
 * Brain's (Yu et al., TSC 2023), kept incrementally. Templates only ever widen.
 * A known line costs O(characters read); a new shape O(compared patterns × words); `patterns` and `export` O(patterns × words).
 * Deterministic in the order of lines.
 */
export class PatternMiner {
  readonly #scanner: SkeletonScanner;
  readonly #mostPatterns: number;
  readonly #mostTokens: number;
  readonly #bySkeleton: BoundedMap<number, Pattern>;
  readonly #byShape: BoundedMap<string, Pattern>;
  readonly #survivors: BoundedMap<string, string>;
  #merges: PatternMerge[] = [];
  /** By number of words. */
  readonly #buckets = new Map<number, Pattern[]>();
  #latest: Pattern | undefined;
  #size = 0;
  #lines = 0;
  #nextOrder = 0;

  constructor(options: PatternMinerOptions = {}) {
    const {
      mostPatterns = 4_096,
      mostTokens = 128,
      mostCharacters = 4_096,
      mostSkeletons = 65_536,
    } = options;
    this.#scanner = new SkeletonScanner(mostCharacters);
    this.#mostPatterns = Math.max(1, mostPatterns);
    this.#mostTokens = Math.max(1, mostTokens);
    this.#bySkeleton = new BoundedMap(mostSkeletons);
    this.#byShape = new BoundedMap(mostSkeletons / 4);
    this.#survivors = new BoundedMap(4 * mostPatterns);
  }

  /** Patterns kept. */
  get size(): number {
    return this.#size;
  }

  /** Counts the line. Returns the id of its pattern now; an older pattern may take that in later (`currentId`). */
  add(line: string): string {
    this.#scanner.scan(line);
    const hash = this.#scanner.hash;
    let pattern = this.#bySkeleton.get(hash);
    if (pattern === undefined || pattern.isGone) {
      pattern = this.#find(pattern);
      this.#bySkeleton.set(hash, pattern);
    }
    this.#lines += 1;
    pattern.count += 1;
    pattern.lastSeen = this.#lines;
    if (pattern.samples.length < MOST_SAMPLES) keepSample(pattern, line);
    this.#latest = pattern;
    return pattern.id;
  }

  /** Of the line that was added last, as its template is now. */
  get latestTemplate(): string {
    return this.#latest === undefined ? '' : templateOf(this.#latest.tokens);
  }

  /** The id of the pattern that has the lines of a pattern now. Ids of merged patterns are remembered for a bounded while. */
  currentId(id: string): string {
    let at = id;
    for (
      let next = this.#survivors.get(at);
      next !== undefined && next !== at;
      next = this.#survivors.get(at)
    ) {
      at = next;
    }
    return at;
  }

  /** What was merged since they were taken last, in order; the oldest are left out where they are more than the patterns kept. */
  takeMerges(): readonly PatternMerge[] {
    const merges = this.#merges;
    this.#merges = [];
    return merges;
  }

  /** In order of creation. */
  patterns(): LogPattern[] {
    return this.#inOrder().map(({ id, tokens, count, samples }) => {
      const template = templateOf(tokens);
      return { id, template, count, parameters: typedParameters(template, samples) };
    });
  }

  export(): PatternMinerState {
    const patterns = this.#inOrder().map(({ id, tokens, count, lastSeen, samples }) => {
      return { id, tokens, count, lastSeen, samples: [...samples] };
    });
    return { version: 1, lines: this.#lines, patterns };
  }

  /** A miner that goes on where another one stood. */
  static import(state: PatternMinerState, options: PatternMinerOptions = {}): PatternMiner {
    const miner = new PatternMiner(options);
    miner.#lines = state.lines;
    for (const pattern of state.patterns) miner.#insert({ ...pattern, samples: [...pattern.samples] });
    return miner;
  }

  #find(before: Pattern | undefined): Pattern {
    const survivor = before && survivorOf(before);
    if (survivor !== undefined && !survivor.isGone) return survivor;
    const tokens = withoutLongRows(shapeTokens(this.#scanner.text(), this.#mostTokens));
    const shape = tokens.join(' ');
    const known = this.#byShape.get(shape);
    const placed = known && survivorOf(known);
    const pattern = placed === undefined || placed.isGone ? this.#place(tokens, shape) : placed;
    this.#byShape.set(shape, pattern);
    return pattern;
  }

  #place(tokens: readonly string[], shape: string): Pattern {
    const covering = this.#narrowestCovering(tokens);
    if (covering !== undefined) return covering;
    const samples: string[] = [];
    const id = fingerprintText(shape);
    return this.#mergeAround(this.#insert({ id, tokens, count: 0, lastSeen: this.#lines, samples }));
  }

  #narrowestCovering(tokens: readonly string[]): Pattern | undefined {
    let narrowest: Pattern | undefined;
    let mostConstants = -1;
    for (const pattern of this.#buckets.get(tokens.length) ?? []) {
      if (!isCovered(pattern.tokens, tokens)) continue;
      const constants = pattern.tokens.filter((token) => !isVariable(token)).length;
      if (constants > mostConstants) [narrowest, mostConstants] = [pattern, constants];
    }
    return narrowest;
  }

  #mergeAround(pattern: Pattern): Pattern {
    const neighbours = neighboursOf(pattern, this.#buckets.get(pattern.tokens.length) ?? []);
    const tried = new Set<string>();
    for (const { places } of neighbours) {
      const key = places.join(',');
      if (tried.has(key)) continue;
      if (tried.size === MOST_FAMILIES) break;
      tried.add(key);
      const family = familyOf(pattern, neighbours, new Set(places));
      if (family.length > 0) return this.#merge(pattern, family);
    }
    return pattern;
  }

  #merge(pattern: Pattern, family: readonly Pattern[]): Pattern {
    const [oldest = pattern, ...others] = [pattern, ...family].sort((one, other) => one.order - other.order);
    for (const other of others) this.#takeIn(oldest, other);
    for (const other of this.#buckets.get(oldest.tokens.length)?.slice() ?? []) {
      if (other !== oldest && isCovered(oldest.tokens, other.tokens)) this.#takeIn(oldest, other);
    }
    return oldest;
  }

  #takeIn(pattern: Pattern, other: Pattern): void {
    pattern.tokens = pattern.tokens.map((token, place) => generalise(token, other.tokens[place] ?? ''));
    pattern.count += other.count;
    pattern.lastSeen = Math.max(pattern.lastSeen, other.lastSeen);
    pattern.samples = [...pattern.samples, ...other.samples].slice(0, MOST_SAMPLES);
    other.mergedInto = pattern;
    other.samples = [];
    this.#survivors.set(other.id, pattern.id);
    this.#merges.push({ from: other.id, into: pattern.id });
    if (this.#merges.length > this.#mostPatterns) this.#merges.shift();
    this.#remove(other);
  }

  #insert(
    made: Pick<PatternMinerState['patterns'][number], 'id' | 'tokens' | 'count' | 'lastSeen'> & {
      samples: string[];
    },
  ): Pattern {
    if (this.#size >= this.#mostPatterns) this.#forget();
    const { id, tokens, count, lastSeen, samples } = made;
    const order = this.#nextOrder;
    const pattern: Pattern = {
      id,
      tokens,
      count,
      lastSeen,
      samples,
      order,
      mergedInto: undefined,
      isGone: false,
    };
    this.#nextOrder += 1;
    this.#size += 1;
    if (this.#survivors.get(id) !== undefined) this.#survivors.set(id, id);
    const bucket = this.#buckets.get(tokens.length);
    if (bucket === undefined) this.#buckets.set(tokens.length, [pattern]);
    else bucket.push(pattern);
    return pattern;
  }

  /** An eighth at once, so that the search for the longest unseen is paid by many new patterns. */
  #forget(): void {
    const byAge = this.#inOrder().sort(
      (one, other) => one.lastSeen - other.lastSeen || one.order - other.order,
    );
    const most = Math.max(1, Math.floor(this.#mostPatterns * FORGOTTEN_SHARE));
    for (const pattern of byAge.slice(0, most)) this.#remove(pattern);
  }

  #remove(pattern: Pattern): void {
    pattern.isGone = true;
    this.#size -= 1;
    const length = pattern.tokens.length;
    const left = (this.#buckets.get(length) ?? []).filter((other) => other !== pattern);
    if (left.length === 0) this.#buckets.delete(length);
    else this.#buckets.set(length, left);
  }

  #inOrder(): Pattern[] {
    return [...this.#buckets.values()].flat().sort((one, other) => one.order - other.order);
  }
}

function isCovered(template: readonly string[], tokens: readonly string[]): boolean {
  for (let place = 0; place < template.length; place += 1) {
    if (!covers(template[place] ?? '', tokens[place] ?? '')) return false;
  }
  return true;
}

function survivorOf(pattern: Pattern): Pattern {
  let at = pattern;
  while (at.mergedInto !== undefined) at = at.mergedInto;
  return at;
}

function isVariable(token: string): boolean {
  return token.includes(WILDCARD) || token === ANY || token.startsWith(ANY_UNIT);
}

function templateOf(tokens: readonly string[]): string {
  return tokens
    .join(' ')
    .replaceAll(`${WILDCARD} ${ANY_UNIT}`, WILDCARD)
    .replaceAll(ANY_UNIT, WILDCARD)
    .replaceAll(ANY, WILDCARD);
}

function keepSample(pattern: Pattern, line: string): void {
  if (line.length > LONGEST_SAMPLE) return;
  const sample = withSingleBlanks(line);
  if (!pattern.samples.includes(sample)) pattern.samples.push(sample);
}

/**
 * What stands for each `<*>` of a template in lines that follow it; a line that does not (it was cut) says nothing. What types look like
 * are rules of ours (`parameters.ts`), of no paper. O(characters of the lines).
 */
export function typedParameters(template: string, lines: readonly string[]): PatternParameter[] {
  const samples = lines.map(withSingleBlanks);
  const rows = samples.map((sample) => parameterValues(template, sample)).filter((row) => row !== undefined);
  return Array.from({ length: template.split(WILDCARD).length - 1 }, (_, place) => {
    const examples = [...new Set(rows.map((row) => row[place] ?? ''))];
    const types = new Set(examples.map(parameterType));
    const [only] = types;
    return { type: types.size === 1 && only !== undefined ? only : 'text', examples };
  });
}
