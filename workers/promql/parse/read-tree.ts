import type { SyntaxNode } from '@lezer/common';
import type {
  AggregateExpr,
  AggregateOperator,
  BinaryExpr,
  BinaryOperator,
  CallExpr,
  Expr,
  VectorMatching,
} from './ast.ts';
import { parseNumber } from './literals.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';
import { readDuration } from './read-duration.ts';
import { readSelector } from './read-selector.ts';
import { readName, readString, type Reading } from './reading.ts';
import { atOf, extended, ranged, subqueried, timed } from './suffixes.ts';

/** The expression below a node of the grammar. Types are checked later. */
export function readExpr(reading: Reading, node: SyntaxNode): Expr {
  const span = { from: node.from, to: node.to };
  switch (node.name) {
    case 'NumberDurationLiteral':
      return { type: 'number', value: readNumber(reading, node), ...span };
    case 'StringLiteral':
      return { type: 'string', value: readString(reading, node), ...span };
    case 'ParenExpr':
      return { type: 'parens', expr: firstExpr(reading, node), ...span };
    case 'UnaryExpr':
      return { type: 'unary', operator: signOf(reading, node), expr: lastExpr(reading, node), ...span };
    case 'VectorSelector':
      return readSelector(reading, node);
    case 'AggregateExpr':
      return readAggregate(reading, node);
    case 'FunctionCall':
      return readCall(reading, node);
    case 'BinaryExpr':
      return readBinary(reading, node);
    default:
      return readSuffix(reading, node);
  }
}

function readSuffix(reading: Reading, node: SyntaxNode): Expr {
  const { query } = reading;
  const inner = firstExpr(reading, node);
  switch (node.name) {
    case 'OffsetExpr': {
      const duration = node.getChild('OffsetDurationExpr');
      if (duration === null) {
        throw new PromqlSyntaxError(query, node, 'unexpected end of input', 'a duration');
      }
      return timed(query, inner, node, { offset: readDuration(query, duration) });
    }
    case 'StepInvariantExpr':
      return timed(query, inner, node, { at: atOf(query, node, (number) => readNumber(reading, number)) });
    case 'SmoothedExpr':
      return extended(query, inner, node, 'smoothed');
    case 'AnchoredExpr':
      return extended(query, inner, node, 'anchored');
    case 'MatrixSelector': {
      const [range] = node.getChildren('DurationExpr');
      if (range === undefined) throw new PromqlSyntaxError(query, node, 'missing range', 'a duration');
      return ranged(query, inner, node, readDuration(query, range));
    }
    case 'SubqueryExpr': {
      const [range, step] = node.getChildren('DurationExpr');
      if (range === undefined) throw new PromqlSyntaxError(query, node, 'missing range', 'a duration');
      return subqueried(inner, node, readDuration(query, range), step && readDuration(query, step));
    }
    default:
      throw new Error(`the grammar of PromQL has no expression ${node.name}`);
  }
}

function readNumber({ query }: Reading, node: SyntaxNode): number {
  const value = parseNumber(query.slice(node.from, node.to));
  if (value === undefined) throw new PromqlSyntaxError(query, node, 'malformed number');
  return value;
}

function signOf({ query }: Reading, node: SyntaxNode): '+' | '-' {
  return query[node.from] === '-' ? '-' : '+';
}

function exprNodes(node: SyntaxNode): SyntaxNode[] {
  return node.getChildren('Expr');
}

function firstExpr(reading: Reading, node: SyntaxNode): Expr {
  const [first] = exprNodes(node);
  if (first === undefined) throw new PromqlSyntaxError(reading.query, node, 'nothing here', 'an expression');
  return readExpr(reading, first);
}

function lastExpr(reading: Reading, node: SyntaxNode): Expr {
  const last = exprNodes(node).at(-1);
  if (last === undefined) throw new PromqlSyntaxError(reading.query, node, 'nothing here', 'an expression');
  return readExpr(reading, last);
}

function readArgs(reading: Reading, node: SyntaxNode): Expr[] {
  const body = node.getChild('FunctionCallBody');
  return body === null ? [] : exprNodes(body).map((arg) => readExpr(reading, arg));
}

function readCall(reading: Reading, node: SyntaxNode): CallExpr {
  const name = node.getChild('FunctionIdentifier');
  const args = readArgs(reading, node);
  const call = reading.query.slice(name?.from, name?.to);
  if (call === 'info' && args.length === 1) args.push(impliedInfoSelector(reading, node));
  return { type: 'call', name: call, args, from: node.from, to: node.to };
}

function impliedInfoSelector(reading: Reading, node: SyntaxNode): Expr {
  return {
    type: 'vector',
    ordinal: reading.selectors++,
    name: undefined,
    matchers: [{ name: '__name__', operator: '=', value: 'target_info' }],
    isImplied: true,
    from: node.to,
    to: node.to,
  };
}

const PARAMETERISED: ReadonlySet<string> = new Set(
  'topk bottomk count_values quantile limitk limit_ratio'.split(' '),
);

function readAggregate(reading: Reading, node: SyntaxNode): AggregateExpr {
  const { query } = reading;
  const word = node.getChild('AggregateOp');
  const operator = query.slice(word?.from, word?.to).toLowerCase() as AggregateOperator;
  const modifier = node.getChild('AggregateModifier');
  const args = readArgs(reading, node);
  const wanted = PARAMETERISED.has(operator) ? 2 : 1;
  const expr = args.at(wanted - 1);
  if (expr === undefined || args.length !== wanted) {
    const problem = `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`;
    throw new PromqlSyntaxError(query, node, problem);
  }
  return {
    type: 'aggregate',
    operator,
    expr,
    parameter: wanted === 2 ? args[0] : undefined,
    grouping: modifier === null ? [] : labelNames(reading, modifier.getChild('GroupingLabels')),
    isWithout: modifier?.getChild('Without') != null,
    from: node.from,
    to: node.to,
  };
}

function labelNames(reading: Reading, node: SyntaxNode | null): string[] {
  const names: string[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name === 'LabelName' || child.name === 'QuotedLabelName') names.push(readName(reading, child));
  }
  return names;
}

function readBinary(reading: Reading, node: SyntaxNode): Expr {
  const [leftNode, rightNode] = exprNodes(node);
  if (leftNode === undefined || rightNode === undefined) {
    throw new PromqlSyntaxError(reading.query, node, 'missing operand', 'an expression');
  }
  const operatorNode = leftNode.nextSibling;
  const operator = reading.query.slice(operatorNode?.from, operatorNode?.to).toLowerCase() as BinaryOperator;
  const binary: BinaryExpr = {
    type: 'binary',
    operator,
    left: readExpr(reading, leftNode),
    right: readExpr(reading, rightNode),
    returnsBool: node.getChild('BoolModifier') !== null,
    matching: readMatching(reading, node),
    from: node.from,
    to: node.to,
  };
  // The grammar reads the sign into the number; a power binds closer: -2^2 is -(2^2).
  const sign = reading.query[node.from];
  if (operator !== '^' || binary.left.type !== 'number' || (sign !== '-' && sign !== '+')) return binary;
  const left = {
    ...binary.left,
    value: sign === '-' ? -binary.left.value : binary.left.value,
    from: node.from + 1,
  };
  return {
    type: 'unary',
    operator: sign,
    expr: { ...binary, left, from: left.from },
    from: node.from,
    to: node.to,
  };
}

function readMatching(reading: Reading, node: SyntaxNode): VectorMatching {
  const clause = node.getChild('MatchingModifierClause');
  const fill = node.getChild('FillModifier');
  const [labels, include] = clause?.getChildren('GroupingLabels') ?? [];
  const filled = (name: string): number | undefined => {
    const number = fill?.getChild(name)?.getChild('NumberDurationLiteral');
    return number ? readNumber(reading, number) : undefined;
  };
  const both = filled('FillClause');
  const [fillLeft, fillRight] = [filled('FillLeftClause') ?? both, filled('FillRightClause') ?? both];
  const isLeft = clause?.getChild('GroupLeft') != null;
  const isRight = clause?.getChild('GroupRight') != null;
  return {
    cardinality: isLeft ? 'many-to-one' : isRight ? 'one-to-many' : 'one-to-one',
    isOn: clause?.getChild('On') != null,
    labels: labelNames(reading, labels ?? null),
    include: labelNames(reading, include ?? null),
    ...(fillLeft === undefined ? {} : { fillLeft }),
    ...(fillRight === undefined ? {} : { fillRight }),
  };
}
