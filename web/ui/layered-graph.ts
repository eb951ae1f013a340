export interface GraphNode {
  readonly id: string;
}

/** Ids of nodes. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

export interface PlacedNode<Node extends GraphNode> {
  readonly node: Node;
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout<Node extends GraphNode> {
  readonly nodes: ReadonlyMap<string, PlacedNode<Node>>;
  readonly width: number;
  readonly height: number;
}

export const NODE_WIDTH = 148;
export const NODE_HEIGHT = 44;
const COLUMN_PX = 228;
const ROW_PX = 64;
const SWEEPS = 4;

/**
 * Column of each node: one more than its furthest caller. Callers are followed along the first way found, so a circle
 * of calls is cut where it would close. Nodes are visited by id: the same graph has the same columns every time.
 */
function columnsOf(
  ids: readonly string[],
  callees: ReadonlyMap<string, readonly string[]>,
): Map<string, number> {
  const columns = new Map<string, number>();
  const state = new Map<string, 'open' | 'done'>();
  const order: string[] = [];
  const kept = new Map<string, string[]>();
  const visit = (start: string) => {
    const stack: { readonly id: string; next: number }[] = [{ id: start, next: 0 }];
    state.set(start, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const callee = callees.get(top.id)?.[top.next++];
      if (callee === undefined) {
        state.set(top.id, 'done');
        order.push(top.id);
        stack.pop();
      } else if (state.get(callee) !== 'open') {
        kept.set(top.id, [...(kept.get(top.id) ?? []), callee]);
        if (!state.has(callee)) {
          state.set(callee, 'open');
          stack.push({ id: callee, next: 0 });
        }
      }
    }
  };
  const called = new Set([...callees.values()].flat());
  for (const id of [...ids.filter((one) => !called.has(one)), ...ids]) if (!state.has(id)) visit(id);
  for (const id of order.toReversed()) {
    const column = columns.get(id) ?? 0;
    columns.set(id, column);
    for (const callee of kept.get(id) ?? []) {
      columns.set(callee, Math.max(columns.get(callee) ?? 0, column + 1));
    }
  }
  return columns;
}

/** Orders each column by the mean place of its neighbours in the columns beside it, a few times to and fro. */
function orderColumns(columns: string[][], neighbours: ReadonlyMap<string, readonly string[]>): void {
  const placeOf = new Map<string, number>();
  const note = (column: readonly string[]) => {
    column.forEach((id, at) => placeOf.set(id, at - column.length / 2));
  };
  columns.forEach(note);
  const middle = (id: string) => {
    const near = neighbours.get(id) ?? [];
    return near.length === 0
      ? (placeOf.get(id) ?? 0)
      : near.reduce((sum, one) => sum + (placeOf.get(one) ?? 0), 0) / near.length;
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((id) => [id, middle(id)]));
      column.sort(
        (one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0) || one.localeCompare(other),
      );
      note(column);
    }
  }
}

/**
 * Callers left of callees, in columns. The same nodes and edges always give the same places, whatever order they come
 * in, so a drawing does not jump between refreshes.
 */
export function layoutGraph<Node extends GraphNode>(
  nodes: readonly Node[],
  edges: readonly GraphEdge[],
): GraphLayout<Node> {
  const ids = nodes.map(({ id }) => id).sort();
  const known = new Set(ids);
  const callees = new Map<string, string[]>();
  const neighbours = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, key: string, value: string) =>
    map.set(key, [...(map.get(key) ?? []), value]);
  for (const { from, to } of edges.toSorted((one, other) => one.to.localeCompare(other.to))) {
    if (from === to || !known.has(from) || !known.has(to)) continue;
    add(callees, from, to);
    add(neighbours, from, to);
    add(neighbours, to, from);
  }
  const columnOf = columnsOf(ids, callees);
  const columns: string[][] = [];
  for (const id of ids) (columns[columnOf.get(id) ?? 0] ??= []).push(id);
  orderColumns(columns, neighbours);
  const most = Math.max(1, ...columns.map(({ length }) => length));
  const height = most * ROW_PX;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const placed = new Map<string, PlacedNode<Node>>();
  columns.forEach((column, at) => {
    column.forEach((id, row) => {
      const node = byId.get(id);
      if (node === undefined) return;
      const y = (row + 0.5) * (height / column.length);
      placed.set(id, { node, x: NODE_WIDTH / 2 + 16 + at * COLUMN_PX, y });
    });
  });
  return { nodes: placed, width: 32 + NODE_WIDTH + (columns.length - 1) * COLUMN_PX, height };
}

/** From the caller's right side to the callee's left; back around underneath when the callee is not further right. */
export function edgePath(from: Place, to: Place): string {
  const [halfWidth, halfHeight] = [NODE_WIDTH / 2, NODE_HEIGHT / 2];
  if (to.x > from.x) {
    const [x1, x2] = [from.x + halfWidth, to.x - halfWidth - 6];
    const bend = (x2 - x1) / 2;
    return `M${x1} ${from.y} C${x1 + bend} ${from.y} ${x2 - bend} ${to.y} ${x2} ${to.y}`;
  }
  const low = Math.max(from.y, to.y) + halfHeight + 26;
  return `M${from.x} ${from.y + halfHeight} C${from.x} ${low} ${to.x} ${low} ${to.x} ${to.y + halfHeight + 6}`;
}

interface Place {
  readonly x: number;
  readonly y: number;
}
