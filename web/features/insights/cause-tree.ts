import type { InsightJson, RootCauseJson } from '../../../proto/api/index.ts';

type Service = InsightJson['service'];

/** A service that blame walked through, each of them at one place of the tree. */
export interface CauseNode {
  readonly service: Service;
  readonly parent: string | undefined;
  /** Ids of services; the way to the likeliest cause first. */
  readonly children: string[];
}

export interface CauseTree {
  readonly roots: string[];
  readonly nodes: Map<string, CauseNode>;
}

/**
 * The ways to all causes as one tree, by ids of services: at the root where the symptom was seen, below it what blame walked to. A cause
 * without a way is a root of its own. Undefined where there is no way to any, as in insights of earlier versions.
 */
export function causeTree(causes: readonly RootCauseJson[]): CauseTree | undefined {
  const paths = causes.map(({ path, service }) => (path?.at(-1)?.id === service.id ? path : [service]));
  const ways = paths.filter(({ length }) => length > 1);
  if (ways.length === 0) return undefined;
  const tree: CauseTree = { roots: [], nodes: new Map() };
  for (const path of [...ways, ...paths.filter((each) => !ways.includes(each))]) add(tree, path);
  return tree;
}

/** Ways of several analyses may differ: what is in the tree stays where it is, and what is beyond goes below it. */
function add({ roots, nodes }: CauseTree, path: readonly Service[]): void {
  const known = path.findLastIndex(({ id }) => nodes.has(id));
  let parent = path[known]?.id;
  for (const service of path.slice(known + 1)) {
    if (nodes.has(service.id)) continue;
    nodes.set(service.id, { service, parent, children: [] });
    (parent === undefined ? roots : nodes.get(parent)?.children)?.push(service.id);
    parent = service.id;
  }
}

/** From top to bottom, without what is below closed ones. */
export function shownIds({ roots, nodes }: CauseTree, closed: ReadonlySet<string>): readonly string[] {
  const below = (id: string): readonly string[] => [
    id,
    ...(closed.has(id) ? [] : (nodes.get(id)?.children ?? []).flatMap(below)),
  ];
  return roots.flatMap(below);
}

export type TreeStep =
  { readonly type: 'move'; readonly to: string } | { readonly type: 'open' } | { readonly type: 'close' };

/** What a key does at a node of a tree, as in the ARIA Authoring Practices; undefined: nothing. */
export function treeStep(
  key: string,
  at: string,
  tree: CauseTree,
  closed: ReadonlySet<string>,
): TreeStep | undefined {
  const shown = shownIds(tree, closed);
  const index = shown.indexOf(at);
  const move = (to: string | undefined): TreeStep | undefined =>
    to === undefined ? undefined : { type: 'move', to };
  const { children = [], parent } = tree.nodes.get(at) ?? {};
  const isClosed = closed.has(at) && children.length > 0;
  switch (key) {
    case 'ArrowDown':
      return move(shown[index + 1]);
    case 'ArrowUp':
      return move(shown[index - 1]);
    case 'Home':
      return move(shown[0]);
    case 'End':
      return move(shown.at(-1));
    case 'ArrowRight':
      return isClosed ? { type: 'open' } : move(children[0]);
    case 'ArrowLeft':
      return children.length > 0 && !isClosed ? { type: 'close' } : move(parent);
    default:
      return undefined;
  }
}
