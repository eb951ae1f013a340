import { compileMatcher } from '../model/matcher.ts';
import {
  type AggregateExpr,
  type BinaryExpr,
  type CallExpr,
  type Expr,
  isComparison,
  isSetOperator,
  type MatrixSelector,
  type ValueType,
  type VectorSelector,
  withoutParens,
} from './ast.ts';
import { FUNCTIONS } from './function-signatures.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';

export function typeOf(expr: Expr): ValueType {
  switch (expr.type) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'parens':
    case 'unary':
      return typeOf(expr.expr);
    case 'vector':
    case 'aggregate':
      return 'instant vector';
    case 'matrix':
    case 'subquery':
      return 'range vector';
    case 'call':
      return FUNCTIONS.get(expr.name)?.returns ?? 'instant vector';
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'instant vector';
  }
}

/** Throws a `PromqlSyntaxError` at the first operand or argument of a type that cannot be there. */
export function checkTypes(query: string, expr: Expr): void {
  new TypeCheck(query).check(expr);
}

class TypeCheck {
  private readonly query: string;

  constructor(query: string) {
    this.query = query;
  }

  check(expr: Expr): void {
    switch (expr.type) {
      case 'number':
      case 'string':
        return;
      case 'parens':
        this.check(expr.expr);
        return;
      case 'unary':
        this.check(expr.expr);
        if (typeOf(expr.expr) !== 'scalar' && typeOf(expr.expr) !== 'instant vector') {
          const found = typeOf(expr.expr);
          const where = 'unary expression only allowed on expressions of type scalar or instant vector';
          this.refuse(expr, `${where}, got "${found}"`);
        }
        return;
      case 'vector':
        this.checkSelector(expr);
        return;
      case 'matrix':
        this.checkMatrix(expr);
        return;
      case 'subquery':
        this.check(expr.expr);
        if (typeOf(expr.expr) !== 'instant vector') {
          this.refuse(expr, `subquery is only allowed on instant vector, got ${typeOf(expr.expr)} instead`);
        }
        return;
      case 'aggregate':
        this.checkAggregate(expr);
        return;
      case 'call':
        this.checkCall(expr);
        return;
      case 'binary':
        this.checkBinary(expr);
    }
  }

  private refuse(span: { from: number; to: number }, problem: string): never {
    throw new PromqlSyntaxError(this.query, span, problem);
  }

  private expectType(expr: Expr, wanted: ValueType, context: string): void {
    this.check(expr);
    const found = typeOf(expr);
    if (found !== wanted) this.refuse(expr, `expected type ${wanted} in ${context}, got ${found}`);
  }

  private checkSelector(selector: VectorSelector): void {
    if (selector.name !== undefined) return;
    if (!selector.matchers.some((matcher) => !compileMatcher(matcher)(''))) {
      this.refuse(selector, 'vector selector must contain at least one non-empty matcher');
    }
  }

  private checkMatrix({ selector, range, from, to }: MatrixSelector): void {
    this.checkSelector(selector);
    if (range.type === 'seconds' && range.value <= 0) {
      this.refuse({ from, to }, 'duration must be greater than 0');
    }
  }

  private checkAggregate({ operator, expr, parameter, grouping, from, to }: AggregateExpr): void {
    if (grouping.some((name) => name === '')) this.refuse({ from, to }, 'invalid label name "" in grouping');
    this.expectType(expr, 'instant vector', 'aggregation expression');
    if (parameter === undefined) return;
    this.expectType(parameter, operator === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
  }

  private checkCall(call: CallExpr): void {
    const signature = FUNCTIONS.get(call.name);
    if (signature === undefined) this.refuse(call, `unknown function with name "${call.name}"`);
    const { args, variadic } = signature;
    const given = call.args.length;
    const least = variadic === 0 ? args.length : args.length - 1;
    if (variadic === 0 && given !== least) {
      this.refuse(call, `expected ${least} argument(s) in call to "${call.name}", got ${given}`);
    }
    if (given < least) {
      this.refuse(call, `expected at least ${least} argument(s) in call to "${call.name}", got ${given}`);
    }
    if (variadic > 0 && given > least + variadic) {
      this.refuse(
        call,
        `expected at most ${least + variadic} argument(s) in call to "${call.name}", got ${given}`,
      );
    }
    call.args.forEach((arg, at) => {
      if (call.name === 'info' && at === 1) this.checkInfoSelector(arg);
      else {
        this.expectType(
          arg,
          args[Math.min(at, args.length - 1)] ?? 'scalar',
          `call to function "${call.name}"`,
        );
      }
    });
    this.checkExtension(call);
  }

  private checkInfoSelector(arg: Expr): void {
    if (arg.type !== 'vector') this.refuse(arg, 'expected label selectors only');
    if (arg.name !== undefined) {
      this.refuse(arg, 'expected label selectors only, got vector selector instead');
    }
  }

  private checkExtension(call: CallExpr): void {
    for (const arg of call.args.map(withoutParens)) {
      const extension = arg.type === 'matrix' ? arg.selector.extension : undefined;
      if (extension === undefined) continue;
      const functions = EXTENDED[extension];
      if (functions.includes(call.name)) continue;
      this.refuse(
        arg,
        `${extension} modifier can only be used with: ${functions.join(', ')} - not with ${call.name}`,
      );
    }
  }

  private checkBinary(binary: BinaryExpr): void {
    const { operator, left, right, returnsBool, matching } = binary;
    this.check(left);
    this.check(right);
    const [leftType, rightType] = [typeOf(left), typeOf(right)];
    const place = this.operatorPlace(binary);
    if (returnsBool && !isComparison(operator)) {
      this.refuse(place, 'bool modifier can only be used on comparison operators');
    }
    if (isComparison(operator) && !returnsBool && leftType === 'scalar' && rightType === 'scalar') {
      this.refuse(place, 'comparisons between scalars must use BOOL modifier');
    }
    const twice = matching.isOn
      ? matching.labels.find((label) => matching.include.includes(label))
      : undefined;
    if (twice !== undefined) {
      this.refuse(place, `label "${twice}" must not occur in ON and GROUP clause at once`);
    }
    for (const [operand, type] of [[left, leftType] as const, [right, rightType] as const]) {
      if (type !== 'scalar' && type !== 'instant vector') {
        this.refuse(operand, 'binary expression must contain only scalar and instant vector types');
      }
    }
    this.checkMatching(binary, leftType === 'instant vector' && rightType === 'instant vector');
  }

  private checkMatching(binary: BinaryExpr, isBetweenVectors: boolean): void {
    const { operator, matching } = binary;
    const isFilled = matching.fillLeft !== undefined || matching.fillRight !== undefined;
    if (!isBetweenVectors) {
      if (matching.labels.length > 0) {
        this.refuse(binary, 'vector matching only allowed between instant vectors');
      }
      if (isFilled) this.refuse(binary, 'filling in missing series only allowed between instant vectors');
      if (isSetOperator(operator)) {
        this.refuse(binary, `set operator "${operator}" not allowed in binary scalar expression`);
      }
      return;
    }
    if (!isSetOperator(operator)) return;
    if (matching.cardinality !== 'one-to-one') {
      this.refuse(binary, `no grouping allowed for "${operator}" operation`);
    }
    if (isFilled) this.refuse(binary, 'filling in missing series not allowed for set operators');
  }

  private operatorPlace({ left, right }: BinaryExpr): { from: number; to: number } {
    const between = this.query.slice(left.to, right.from);
    const from = left.to + (between.length - between.trimStart().length);
    return { from, to: right.from };
  }
}

const EXTENDED = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const satisfies Record<string, readonly string[]> as Readonly<
  Record<'anchored' | 'smoothed', readonly string[]>
>;
