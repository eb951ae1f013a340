import { selfTime } from './self-times.ts';
import { placeIn, type TraceColumns } from './trace-columns.ts';
import { traceTrees, walkTrees, type TraceNode } from './trace-tree.ts';

/** Spans of one trace on their paths, an element a path. */
export interface PathFigures {
  /** The first of them; −1 where there are none. */
  readonly rows: Int32Array;
  readonly spans: Uint32Array;
  /** Of all of them together, ns. */
  readonly durations: Float64Array;
  readonly selfTimes: Float64Array;
}

/** Ways from a root to a span. They are a tree themselves: written out, those of a deep trace would not fit in memory. */
export interface ComparedPaths {
  /** Paths that these are one step longer than; −1 for roots. Always in front. */
  readonly parents: Int32Array;
  readonly before: PathFigures;
  readonly after: PathFigures;
}

/**
 * Spans of two traces, matched by their paths: the services, names and kinds from the root down. Where several siblings
 * share a path they count together. In the order of the first trace, what only the second has behind.
 */
export function compareTraces({
  before,
  after,
}: {
  readonly before: TraceColumns;
  readonly after: TraceColumns;
}): ComparedPaths {
  const paths = new Paths();
  const gathered = [before, after].map((columns) => gather(columns, paths));
  const [first, second] = gathered.map((figures) => figuresOf(figures, paths.parents.length));
  if (!first || !second) throw new Error('there are two traces');
  return { parents: Int32Array.from(paths.parents), before: first, after: second };
}

class Paths {
  readonly parents: number[] = [];
  private readonly texts = new Map<string, number>();
  private readonly places = new Map<string, number>();

  /** Numbers that two traces share. */
  numbersOf(texts: readonly string[]): readonly number[] {
    return texts.map((text) => placeIn(this.texts, text));
  }

  place(parent: number, service: number, name: number, kind: number): number {
    const place = placeIn(this.places, `${parent} ${service} ${name} ${kind}`);
    if (place === this.parents.length) this.parents.push(parent);
    return place;
  }
}

interface Gathered {
  readonly row: number;
  spans: number;
  duration: number;
  self: number;
}

function gather(columns: TraceColumns, paths: Paths): ReadonlyMap<number, Gathered> {
  const { serviceOf, nameOf, kinds } = columns;
  const [services, names] = [paths.numbersOf(columns.services), paths.numbersOf(columns.names)];
  const found = new Map<number, Gathered>();
  const pathOf = new Map<TraceNode, number>();
  for (const node of walkTrees(traceTrees(columns))) {
    const { row, parent, start, end } = node;
    const service = services[serviceOf[row] ?? 0] ?? 0;
    const name = names[nameOf[row] ?? 0] ?? 0;
    const above = parent ? (pathOf.get(parent) ?? -1) : -1;
    const path = paths.place(above, service, name, kinds[row] ?? 0);
    pathOf.set(node, path);
    let gathered = found.get(path);
    if (!gathered) {
      gathered = { row, spans: 0, duration: 0, self: 0 };
      found.set(path, gathered);
    }
    gathered.spans += 1;
    gathered.duration += end - start;
    gathered.self += selfTime(node);
  }
  return found;
}

function figuresOf(gathered: ReadonlyMap<number, Gathered>, paths: number): PathFigures {
  const figures = {
    rows: new Int32Array(paths).fill(-1),
    spans: new Uint32Array(paths),
    durations: new Float64Array(paths),
    selfTimes: new Float64Array(paths),
  };
  for (const [path, { row, spans, duration, self }] of gathered) {
    figures.rows[path] = row;
    figures.spans[path] = spans;
    figures.durations[path] = duration;
    figures.selfTimes[path] = self;
  }
  return figures;
}
