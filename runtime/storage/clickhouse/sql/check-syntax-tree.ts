import { isAllowedFunction } from './allowed-functions.ts';

/** One line of `EXPLAIN AST`. */
interface Node {
  readonly kind: string;
  /** What stands behind the kind: a name, a literal. */
  readonly text: string;
  readonly children: Node[];
}

/** Kinds of nodes that a SELECT is made of. What is not here is refused, whatever a later version adds. */
const KINDS = new Set([
  'ArrayJoin',
  'Asterisk',
  'ColumnsExceptTransformer',
  'ColumnsRegexpMatcher',
  'ColumnsTransformerList',
  'ExpressionList',
  'Function',
  'Identifier',
  'InterpolateElement',
  'Literal',
  'OrderByElement',
  'QualifiedAsterisk',
  'SampleRatio',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'SelectWithUnionQuery',
  'Subquery',
  'TableExpression',
  'TableIdentifier',
  'TableJoin',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'WindowDefinition',
  'WindowListElement',
  'WithElement',
]);

export interface Allowed {
  readonly database: string;
  readonly views: ReadonlySet<string>;
  /** Names that the query itself gives to subqueries. */
  readonly subqueryNames: ReadonlySet<string>;
}

/** Why a query may not run, from its syntax tree as ClickHouse's own parser has it. `undefined`: it may. */
export function refusalOf(syntaxTree: string, allowed: Allowed): string | undefined {
  const root = parseTree(syntaxTree);
  if (root?.kind !== 'SelectWithUnionQuery') return 'only a SELECT may be asked';
  return unionRefusal(root) ?? refusalWithin(root, allowed);
}

function parseTree(text: string): Node | undefined {
  const path: Node[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, indent = '', kind = '', rest = ''] = /^( *)(\S+) ?(.*)$/.exec(line) ?? [];
    const node = { kind, text: rest.replace(/ ?\(children \d+\)$/, ''), children: [] };
    path.length = Math.min(path.length, indent.length);
    path.at(-1)?.children.push(node);
    path.push(node);
  }
  return path[0];
}

/** INTO OUTFILE, FORMAT and SETTINGS stand beside the list of selects. */
function unionRefusal({ children }: Node): string | undefined {
  if (children.length === 1 && children[0]?.kind === 'ExpressionList') return undefined;
  return 'FORMAT, SETTINGS and INTO OUTFILE cannot be used; the header Accept chooses the format';
}

function refusalWithin(node: Node, allowed: Allowed): string | undefined {
  const own = nodeRefusal(node, allowed);
  if (own !== undefined) return own;
  for (const child of node.children) {
    const refusal = refusalWithin(child, allowed);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function nodeRefusal(node: Node, allowed: Allowed): string | undefined {
  if (node.kind === 'Set') return 'SETTINGS cannot be used';
  if (!KINDS.has(node.kind)) return `${node.kind} cannot be used`;
  switch (node.kind) {
    case 'SelectWithUnionQuery':
      return unionRefusal(node);
    case 'TableExpression':
      return node.children.every(({ kind }) => ['TableIdentifier', 'Subquery', 'SampleRatio'].includes(kind))
        ? undefined
        : 'table functions cannot be used';
    case 'TableIdentifier':
      return tableRefusal(nameOf(node), allowed);
    case 'Function':
      return functionRefusal(node);
    default:
      return undefined;
  }
}

function nameOf({ text }: Node): string {
  return text.replace(/ \(alias .*\)$/, '');
}

function tableRefusal(name: string, { database, views, subqueryNames }: Allowed): string | undefined {
  const own = name.startsWith(`${database}.`) ? name.slice(database.length + 1) : name;
  if (views.has(own) || subqueryNames.has(name)) return undefined;
  return `there is no table ${name} to select from; there are ${[...views].join(', ')}`;
}

function functionRefusal(node: Node): string | undefined {
  const name = nameOf(node);
  if (!isAllowedFunction(name)) return `the function ${name} cannot be used`;
  // `x IN t` reads the table t.
  const [list] = node.children;
  const isMembership = /^(?:global)?(?:not)?(?:null)?in$|ignoreset$/i.test(name);
  if (isMembership && list?.children[1]?.kind === 'Identifier') {
    return `${name} takes a list or a subquery, not the name of a table or column`;
  }
  return undefined;
}
