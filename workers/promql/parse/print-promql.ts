import { formatG } from '../model/go-numbers.ts';
import { METRIC_NAME } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import type {
  AtModifier,
  BinaryExpr,
  Duration,
  Expr,
  TimeModifiers,
  VectorMatching,
  VectorSelector,
} from './ast.ts';

/** A query in the spelling that all queries of the same meaning share; too long lines are broken and indented. */
export function printPromql(expr: Expr): string {
  return indented(expr, 0);
}

const MAX_WIDTH = 100;
const INDENT = '  ';
const LABEL_NAME = /^[A-Za-z_]\w*$/u;
const NAME = /^[A-Za-z_:][\w:]*$/u;

function indented(expr: Expr, level: number): string {
  const pad = INDENT.repeat(level);
  const line = print(expr);
  if (pad.length + line.length <= MAX_WIDTH) return `${pad}${line}`;
  const inner = (child: Expr): string => indented(child, level + 1);
  switch (expr.type) {
    case 'parens':
      return `${pad}(\n${inner(expr.expr)}\n${pad})`;
    case 'unary':
      return `${pad}${expr.operator}${indented(expr.expr, level).trimStart()}`;
    case 'call': {
      const args = expr.args.filter(isWritten);
      return args.length === 0
        ? `${pad}${line}`
        : `${pad}${expr.name}(\n${args.map(inner).join(',\n')}\n${pad})`;
    }
    case 'aggregate': {
      const args = expr.parameter ? [expr.parameter, expr.expr] : [expr.expr];
      return `${pad}${aggregateHead(expr)}(\n${args.map(inner).join(',\n')}\n${pad})`;
    }
    case 'binary':
      return `${inner(expr.left)}\n${pad}${operatorOf(expr)}\n${inner(expr.right)}`;
    case 'subquery':
      return `${indented(expr.expr, level)}${subqueryRange(expr)}`;
    default:
      return `${pad}${line}`;
  }
}

/** In one line. Breaking lines asks for it at every level. */
const lines = new WeakMap<Expr, string>();

function print(expr: Expr): string {
  let line = lines.get(expr);
  if (line === undefined) lines.set(expr, (line = printed(expr)));
  return line;
}

function printed(expr: Expr): string {
  switch (expr.type) {
    case 'number':
      return formatG(expr.value);
    case 'string':
      return JSON.stringify(expr.value);
    case 'parens':
      return `(${print(expr.expr)})`;
    case 'unary':
      return `${expr.operator}${print(expr.expr)}`;
    case 'vector':
      return `${selector(expr)}${extension(expr)}${modifiers(expr)}`;
    case 'matrix':
      return `${selector(expr.selector)}[${duration(expr.range)}]${extension(expr.selector)}${modifiers(expr.selector)}`;
    case 'subquery':
      return `${print(expr.expr)}${subqueryRange(expr)}`;
    case 'aggregate':
      return `${aggregateHead(expr)}(${[...(expr.parameter ? [expr.parameter] : []), expr.expr].map(print).join(', ')})`;
    case 'call':
      return `${expr.name}(${expr.args.filter(isWritten).map(print).join(', ')})`;
    case 'binary':
      return `${print(expr.left)} ${operatorOf(expr)} ${print(expr.right)}`;
  }
}

const isWritten = (expr: Expr): boolean => !(expr.type === 'vector' && expr.isImplied === true);

function selector({ name, matchers }: VectorSelector): string {
  const others = name === undefined ? matchers : matchers.filter((matcher) => matcher.name !== METRIC_NAME);
  const braces = others.length === 0 && name !== undefined ? '' : `{${others.map(matcherText).join(',')}}`;
  return `${name ?? ''}${braces}`;
}

function matcherText({ name, operator, value }: LabelMatcher): string {
  const isBareName = name === METRIC_NAME && operator === '=' && !NAME.test(value);
  if (isBareName) return JSON.stringify(value);
  return `${labelName(name)}${operator}${JSON.stringify(value)}`;
}

const labelName = (name: string): string => (LABEL_NAME.test(name) ? name : JSON.stringify(name));
const extension = ({ extension: word }: VectorSelector): string => (word === undefined ? '' : ` ${word}`);

function modifiers({ at, offset }: TimeModifiers): string {
  return `${at === undefined ? '' : ` @ ${atText(at)}`}${offset === undefined ? '' : ` offset ${duration(offset)}`}`;
}

function atText(at: AtModifier): string {
  return at.type === 'time' ? (at.timestampMs / 1000).toFixed(3) : `${at.type}()`;
}

function subqueryRange(expr: Extract<Expr, { type: 'subquery' }>): string {
  return `[${duration(expr.range)}:${expr.step === undefined ? '' : duration(expr.step)}]${modifiers(expr)}`;
}

function aggregateHead({ operator, grouping, isWithout }: Extract<Expr, { type: 'aggregate' }>): string {
  if (isWithout) return `${operator} without (${grouping.map(labelName).join(', ')}) `;
  return grouping.length === 0 ? operator : `${operator} by (${grouping.map(labelName).join(', ')}) `;
}

function operatorOf({ operator, returnsBool, matching }: BinaryExpr): string {
  return [operator, returnsBool ? 'bool' : '', matchingText(matching)]
    .filter((part) => part !== '')
    .join(' ');
}

function matchingText({ isOn, labels, cardinality, include, fillLeft, fillRight }: VectorMatching): string {
  const parts: string[] = [];
  if (isOn || labels.length > 0 || cardinality !== 'one-to-one') {
    parts.push(`${isOn ? 'on' : 'ignoring'} (${labels.map(labelName).join(', ')})`);
  }
  if (cardinality === 'many-to-one' || cardinality === 'one-to-many') {
    parts.push(
      `group_${cardinality === 'many-to-one' ? 'left' : 'right'} (${include.map(labelName).join(', ')})`,
    );
  }
  if (fillLeft !== undefined && fillLeft === fillRight) parts.push(`fill (${formatG(fillLeft)})`);
  else {
    if (fillLeft !== undefined) parts.push(`fill_left (${formatG(fillLeft)})`);
    if (fillRight !== undefined) parts.push(`fill_right (${formatG(fillRight)})`);
  }
  return parts.join(' ');
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

function duration(of: Duration): string {
  switch (of.type) {
    case 'seconds':
      return secondsText(of.value);
    case 'step':
    case 'range':
      return `${of.type}()`;
    case 'negated':
      return `-${duration(of.duration)}`;
    case 'parens':
      return `(${duration(of.duration)})`;
    case 'combined': {
      const [left, right] = [duration(of.left), duration(of.right)];
      const isFunction = of.operator === 'min_of' || of.operator === 'max_of';
      return isFunction ? `${of.operator}(${left}, ${right})` : `${left} ${of.operator} ${right}`;
    }
  }
}

function secondsText(value: number): string {
  let rest = Math.round(value * 1000);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, ms] of UNITS) {
    const count = Math.floor(rest / ms);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * ms;
  }
  return text;
}
