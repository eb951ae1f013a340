import type { ServiceKey } from '../../proto/columns/index.ts';
import { EVERYTHING, type SearchExpression, type TextTest } from '../../proto/query/index.ts';
import { literal } from './line-reader.ts';

/** What a form or a request's parameters ask of spans; all must hold. */
export interface SpanTerms {
  readonly service?: ServiceKey;
  readonly operation?: string;
  /** Free text, see `SearchExpression`. */
  readonly text?: string;
  readonly minDurationNano?: bigint;
  readonly maxDurationNano?: bigint;
  /** `ok`: anything but an error. */
  readonly status?: 'error' | 'ok';
  /** A search line that was read. */
  readonly search?: SearchExpression;
}

export interface LogTerms {
  readonly service?: ServiceKey;
  readonly text?: string;
  readonly minSeverity?: number;
  readonly traceId?: string;
  readonly search?: SearchExpression;
}

const STATUS_ERROR = 2;
const MOST_SEVERITY = 255;
const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;

export function spanSearch(terms: SpanTerms): SearchExpression {
  const { service, operation, text, minDurationNano, maxDurationNano, status, search } = terms;
  const operands: SearchExpression[] = [...ofService(service)];
  if (operation !== undefined) operands.push({ type: 'string', column: 'name', test: exactly(operation) });
  if (status !== undefined) {
    const isError = { type: 'number', column: 'statusCode', min: STATUS_ERROR, max: STATUS_ERROR } as const;
    operands.push(status === 'error' ? isError : { type: 'not', operand: isError });
  }
  if (minDurationNano !== undefined || maxDurationNano !== undefined) {
    operands.push({
      type: 'duration',
      minNano: minDurationNano ?? LEAST_INT64,
      maxNano: maxDurationNano ?? MOST_INT64,
    });
  }
  return all([...operands, ...freeText(text), ...(search ? [search] : [])]);
}

export function logSearch({ service, text, minSeverity, traceId, search }: LogTerms): SearchExpression {
  const operands: SearchExpression[] = [...ofService(service)];
  if (minSeverity !== undefined) {
    operands.push({ type: 'number', column: 'severityNumber', min: minSeverity, max: MOST_SEVERITY });
  }
  if (traceId !== undefined) operands.push({ type: 'id', column: 'traceId', hex: traceId });
  return all([...operands, ...freeText(text), ...(search ? [search] : [])]);
}

function ofService(service: ServiceKey | undefined): SearchExpression[] {
  if (!service) return [];
  return (['name', 'namespace', 'environment'] as const).map((part) => ({
    type: 'service',
    part,
    test: exactly(service[part]),
  }));
}

function freeText(text: string | undefined): SearchExpression[] {
  return text === undefined || text === '' ? [] : [{ type: 'text', pattern: literal(text) }];
}

function exactly(text: string): TextTest {
  return { type: 'pattern', pattern: literal(text) };
}

function all(conditions: readonly SearchExpression[]): SearchExpression {
  const operands = conditions.filter(({ type }) => type !== 'everything');
  const [first] = operands;
  if (!first) return EVERYTHING;
  return operands.length === 1 ? first : { type: 'and', operands };
}
