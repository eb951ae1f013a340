import { BodyKind } from '../../../../proto/columns/index.ts';
import {
  MOST_WHOLE_DIGITS,
  type AttributeOwner,
  type NumberBound,
  type SearchExpression,
  type SearchSignal,
  type TextPattern,
  type TextTest,
  type ValueTest,
  type WrittenNumber,
} from '../../../../proto/query/index.ts';
import { VALUE_TYPES } from '../../../../workers/native/index.ts';

/** What `workers/search` takes for a number in a string. */
const DECIMAL = String.raw`'^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?$'`;
const IS_NUMBER = `type IN (${VALUE_TYPES.int}, ${VALUE_TYPES.double})`;
/** An attribute as a number, or null. Needs `precise_float_parsing`, or numbers differ in their last bit. */
export const STORED_NUMBER = `if(${IS_NUMBER} OR type = ${VALUE_TYPES.string} AND match(value, ${DECIMAL}), toFloat64OrNull(value), NULL)`;

/** One as a whole number that is compared as such, or null. */
const STORED_WHOLE = `if(type = ${VALUE_TYPES.int} OR type = ${VALUE_TYPES.string}
  AND match(value, '^-?[0-9]{1,${MOST_WHOLE_DIGITS}}$'), toInt128OrNull(value), NULL)`;

/** The text form of a log record's body. */
const BODY = `if(bodyKind = ${BodyKind.anyValue}, bodyText, body)`;

/** Of every statement with a condition made here. */
export const SEARCH_SETTINGS = 'SETTINGS precise_float_parsing = 1';

/** A search as a condition on rows of `spans` or `logs`. Whatever the line says is bound, none of it is in the text. */
export class SearchSql {
  readonly sql: string;
  readonly parameters: Record<string, string> = {};
  private readonly signal: SearchSignal;
  private readonly prefix: string;
  private bound = 0;

  /** `prefix` keeps the parameters of two searches in one statement apart. */
  constructor(expression: SearchExpression, signal: SearchSignal, prefix = 'q') {
    this.signal = signal;
    this.prefix = prefix;
    this.sql = this.condition(expression);
  }

  private condition(expression: SearchExpression): string {
    switch (expression.type) {
      case 'everything':
        return '1';
      case 'and':
      case 'or':
        return joined(
          expression.operands.map((operand) => this.condition(operand)),
          expression.type === 'and' ? 'AND' : 'OR',
        );
      case 'not':
        return `NOT (${this.condition(expression.operand)})`;
      case 'text':
        return this.text(expression.pattern);
      case 'service':
        return this.passes(`service${capitalized(expression.part)}`, expression.test);
      case 'scope':
        return `scope IN (SELECT id FROM scopes WHERE ${this.passes(expression.part, expression.test)})`;
      case 'attribute':
        return this.attribute(expression.owner, expression.key, expression.test);
      default:
        return this.column(expression);
    }
  }

  private column(
    expression: Exclude<
      SearchExpression,
      { readonly type: 'everything' | 'and' | 'or' | 'not' | 'text' | 'service' | 'scope' | 'attribute' }
    >,
  ): string {
    const isSpan = this.signal === 'traces';
    switch (expression.type) {
      case 'event':
        return isSpan ? `arrayExists(name -> ${this.passes('name', expression.test)}, events.name)` : '0';
      case 'body':
        return isSpan ? '0' : this.passes(BODY, expression.test);
      case 'link': {
        if (!isSpan) return '0';
        const width = expression.column === 'traceId' ? 16 : 8;
        return `arrayExists(id -> ${this.isId('id', width, expression.hex)}, links.${expression.column})`;
      }
      case 'duration':
        if (!isSpan) return '0';
        return `durationNano BETWEEN ${this.bind(String(expression.minNano), 'Int64')}
          AND ${this.bind(String(expression.maxNano), 'Int64')}`;
      default:
    }
    const { column } = expression;
    if (!COLUMNS[this.signal].has(column)) return '0';
    switch (expression.type) {
      case 'string':
        return this.passes(column, expression.test);
      case 'number':
        return `${column} BETWEEN ${this.bind(String(expression.min), 'Int32')}
          AND ${this.bind(String(expression.max), 'Int32')}`;
      case 'id':
        return this.isId(column, column === 'traceId' ? 16 : 8, expression.hex);
    }
  }

  private isId(column: string, width: 8 | 16, hex: string | undefined): string {
    if (hex === undefined) return `${column} != toFixedString('', ${width})`;
    return `${column} = toFixedString(unhex(${this.bind(hex, 'String')}), ${width})`;
  }

  private text(pattern: TextPattern): string {
    const inValue = `SELECT id FROM attributes WHERE ${this.contains('value', pattern)}`;
    const inItem = anyIn(inValue, 'attributes');
    if (this.signal === 'logs') {
      return joined([this.contains(BODY, pattern), this.contains('eventName', pattern), inItem], 'OR');
    }
    return joined(
      [
        this.contains('name', pattern),
        this.contains('statusMessage', pattern),
        inItem,
        `arrayExists(eventName -> ${this.contains('eventName', pattern)}, events.name)`,
        anyInEvents(inValue),
      ],
      'OR',
    );
  }

  private attribute(owner: AttributeOwner, key: string, test: ValueTest): string {
    const ids = `SELECT id FROM attributes WHERE key = ${this.bind(key, 'String')} AND (${this.passesValue(test)})`;
    const conditions: Readonly<Record<Exclude<AttributeOwner, 'any'>, string>> = {
      item: anyIn(ids, 'attributes'),
      resource: `resource IN (SELECT id FROM resources WHERE ${anyIn(ids, 'attributes')})`,
      scope: `scope IN (SELECT id FROM scopes WHERE ${anyIn(ids, 'attributes')})`,
      event: this.signal === 'traces' ? anyInEvents(ids) : '0',
    };
    return owner === 'any' ? joined(Object.values(conditions), 'OR') : conditions[owner];
  }

  private passesValue(test: ValueTest): string {
    if (test.type === 'exists') return '1';
    if (test.type === 'range') return this.within(test.min, test.max);
    const matches = this.matches('value', test.pattern);
    if (test.number === undefined) return matches;
    return `${matches} OR ${IS_NUMBER} AND ${this.compared('=', test.number)}`;
  }

  private within(min: NumberBound | undefined, max: NumberBound | undefined): string {
    const parts: string[] = [];
    if (min) parts.push(this.compared(min.isInclusive ? '>=' : '>', min));
    if (max) parts.push(this.compared(max.isInclusive ? '<=' : '<', max));
    return parts.join(' AND ');
  }

  private compared(operator: '=' | '>=' | '>' | '<=' | '<', { value, whole }: WrittenNumber): string {
    const asDouble = `${STORED_NUMBER} ${operator} ${this.bind(String(value), 'Float64')}`;
    if (whole === undefined) return asDouble;
    return `ifNull(${STORED_WHOLE} ${operator} ${this.bind(String(whole), 'Int128')}, ${asDouble})`;
  }

  private passes(column: string, test: TextTest): string {
    return test.type === 'exists' ? `${column} != ''` : this.matches(column, test.pattern);
  }

  private matches(column: string, pattern: TextPattern): string {
    const text = plainText(pattern);
    if (text !== undefined) return `${column} = ${this.bind(text, 'String')}`;
    return `${column} LIKE ${this.bind(likePattern(pattern), 'String')}`;
  }

  /** ASCII letters in either case, which is what `lower` knows. */
  private contains(column: string, pattern: TextPattern): string {
    const folded = pattern.map((part) =>
      part.type === 'literal' ? { ...part, text: fold(part.text) } : part,
    );
    const text = plainText(folded);
    if (text !== undefined) return `position(lower(${column}), ${this.bind(text, 'String')}) > 0`;
    return `lower(${column}) LIKE ${this.bind(`%${likePattern(folded)}%`, 'String')}`;
  }

  private bind(value: string, type: string): string {
    const name = `${this.prefix}${this.bound}`;
    this.bound += 1;
    this.parameters[name] = value;
    return `{${name}:${type}}`;
  }
}

const COLUMNS: Readonly<Record<SearchSignal, ReadonlySet<string>>> = {
  traces: new Set([
    'name',
    'statusMessage',
    'traceState',
    'kind',
    'statusCode',
    'traceId',
    'spanId',
    'parentSpanId',
  ]),
  logs: new Set(['severityText', 'eventName', 'severityNumber', 'traceId', 'spanId']),
};

function joined(conditions: readonly string[], operator: 'AND' | 'OR'): string {
  return conditions.map((condition) => `(${condition})`).join(` ${operator} `);
}

function anyIn(ids: string, list: string): string {
  return `arrayExists(id -> id IN (${ids}), ${list})`;
}

function anyInEvents(ids: string): string {
  return `arrayExists(ofEvent -> ${anyIn(ids, 'ofEvent')}, events.attributes)`;
}

/** `undefined` with wildcards. */
function plainText(pattern: TextPattern): string | undefined {
  let text = '';
  for (const part of pattern) {
    if (part.type !== 'literal') return undefined;
    text += part.text;
  }
  return text;
}

function likePattern(pattern: TextPattern): string {
  return pattern
    .map((part) => {
      if (part.type === 'literal') return part.text.replace(/[\\%_]/g, String.raw`\$&`);
      return part.type === 'any' ? '%' : '_';
    })
    .join('');
}

function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
