import {
  EVERYTHING,
  type ParsedSearch,
  type SearchExpression,
  type SearchSignal,
} from '../../proto/query/index.ts';
import { fieldCondition, type Comparison, type FieldName, type RangeEnd } from './field-conditions.ts';
import { LineReader, SyntaxFault, type Value } from './line-reader.ts';

const MAX_LENGTH = 4_000;
const MAX_DEPTH = 40;
const MAX_TERMS = 200;

/** Where a word that may be a field's name ends. */
const NAME_STOPS = '()":<>=!';
const VALUE_STOPS = '()"';
const RANGE_STOPS = '()"[]{}';
const TERM = 'a term: text, "quoted text", field:value, field>=value or ( … )';

/**
 * Reads a search line:
 *
 *     line   = [ any ]
 *     any    = all { "OR" all }
 *     all    = each { [ "AND" ] each }
 *     each   = ( "NOT" | "-" ) each | "(" any ")" | field | text
 *     field  = [ "@" ] name ( ":" value | "=" value | "!=" value | [ ":" ] ( ">" | ">=" | "<" | "<=" ) value )
 *     value  = word | "quoted" | "*" | ( "[" | "{" ) end "TO" end ( "]" | "}" ) | "(" value { "OR" value } ")"
 *
 * A bracket includes its end, a brace does not, and `*` is no end. In words `*` and `?` are wildcards, and a backslash takes any
 * character as it is. What the fields of a signal are, and what they may be compared with, is in `field-conditions.ts`.
 */
export function parseSearch(line: string, signal: SearchSignal): ParsedSearch {
  try {
    return { expression: new SearchParser(line, signal).parse() };
  } catch (error) {
    if (error instanceof SyntaxFault) return { error: error.error };
    throw error;
  }
}

class SearchParser {
  private readonly reader: LineReader;
  private readonly signal: SearchSignal;
  private readonly length: number;
  private terms = 0;
  private depth = 0;

  constructor(line: string, signal: SearchSignal) {
    this.reader = new LineReader(line);
    this.signal = signal;
    this.length = line.length;
  }

  parse(): SearchExpression {
    const { reader } = this;
    if (this.length > MAX_LENGTH) reader.fail(`at most ${MAX_LENGTH} characters`, MAX_LENGTH);
    reader.skipSpace();
    if (reader.isAtEnd) return EVERYTHING;
    const expression = this.any();
    if (reader.peek() !== '') reader.fail('a term, AND, OR or the end');
    return expression;
  }

  private any(): SearchExpression {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.reader.fail(`at most ${MAX_DEPTH} levels of brackets`);
    const operands = [this.all()];
    while (this.reader.acceptWord('OR')) operands.push(this.all());
    this.depth -= 1;
    return joined('or', operands);
  }

  private all(): SearchExpression {
    const { reader } = this;
    const operands: SearchExpression[] = [];
    do {
      operands.push(this.each());
      reader.skipSpace();
    } while (reader.acceptWord('AND') || !(reader.isAtEnd || reader.peek() === ')' || reader.isAtWord('OR')));
    return joined('and', operands);
  }

  private each(): SearchExpression {
    const { reader } = this;
    reader.skipSpace();
    if (reader.isAtEnd || reader.peek() === ')' || reader.isAtWord('AND') || reader.isAtWord('OR')) {
      reader.fail(TERM);
    }
    this.terms += 1;
    if (this.terms > MAX_TERMS) reader.fail(`at most ${MAX_TERMS} terms`);
    if (reader.acceptWord('NOT') || reader.accept('-')) return this.negated();
    if (reader.accept('(')) {
      const inner = this.any();
      if (!reader.accept(')')) reader.fail('a closing bracket');
      return inner;
    }
    return this.term();
  }

  private negated(): SearchExpression {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.reader.fail(`at most ${MAX_DEPTH} negations`);
    const operand = this.each();
    this.depth -= 1;
    return { type: 'not', operand };
  }

  private term(): SearchExpression {
    const { reader } = this;
    const position = reader.position;
    const isAttribute = reader.accept('@');
    const name = reader.peek() === '"' ? reader.quoted() : reader.word(NAME_STOPS);
    const isOperator = /[:<>=]/.test(reader.peek()) || (reader.peek() === '!' && reader.peek(1) === '=');
    if (isOperator && (name.text !== '' || isAttribute)) {
      if (name.text === '') reader.fail('the name of an attribute');
      if (name.pattern.some(({ type }) => type !== 'literal')) {
        reader.fail('a name without wildcards', name.position, name.end);
      }
      return this.field({ text: name.text, isAttribute: isAttribute || name.isQuoted, position });
    }
    if (isAttribute) reader.fail('a colon or comparison behind the name of the attribute');
    if (name.isQuoted) return freeText(name);
    reader.position = position;
    const word = reader.word(VALUE_STOPS);
    if (word.text === '') reader.fail(TERM);
    return freeText(word);
  }

  private field(name: FieldName): SearchExpression {
    const { reader } = this;
    if (reader.accept('!=')) {
      return { type: 'not', operand: this.condition(name, { type: 'is', value: this.value() }) };
    }
    if (!reader.accept(':') && reader.accept('=')) return this.equal(name);
    for (const [operator, end, isInclusive] of COMPARISONS) {
      if (!reader.accept(operator)) continue;
      const bound = { value: this.value(), isInclusive };
      return this.condition(name, { type: 'range', [end]: bound });
    }
    return this.equal(name);
  }

  private equal(name: FieldName): SearchExpression {
    const { reader } = this;
    if (reader.accept('(')) return this.alternatives(name);
    if (reader.peek() === '[' || reader.peek() === '{') return this.condition(name, this.range());
    return this.condition(name, { type: 'is', value: this.value() });
  }

  private condition(name: FieldName, comparison: Comparison): SearchExpression {
    return fieldCondition(this.signal, name, comparison, (value, expected) =>
      this.reader.fail(expected, value.position, value.end),
    );
  }

  private alternatives(name: FieldName): SearchExpression {
    const { reader } = this;
    const operands: SearchExpression[] = [];
    do {
      this.terms += 1;
      if (this.terms > MAX_TERMS) reader.fail(`at most ${MAX_TERMS} terms`);
      reader.skipSpace();
      operands.push(this.condition(name, { type: 'is', value: this.value() }));
      reader.skipSpace();
    } while (reader.acceptWord('OR'));
    if (!reader.accept(')')) reader.fail('OR or a closing bracket');
    return joined('or', operands);
  }

  private range(): Comparison {
    const { reader } = this;
    const isMinInclusive = reader.accept('[');
    if (!isMinInclusive) reader.accept('{');
    const start = reader.position;
    const least = this.rangeEnd();
    reader.skipSpace();
    if (!reader.acceptWord('TO')) reader.fail('TO');
    const most = this.rangeEnd();
    reader.skipSpace();
    const isMaxInclusive = reader.accept(']');
    if (!isMaxInclusive && !reader.accept('}')) reader.fail('] or } behind the range');
    const min: RangeEnd | undefined = least && { value: least, isInclusive: isMinInclusive };
    const max: RangeEnd | undefined = most && { value: most, isInclusive: isMaxInclusive };
    if (!min && !max) reader.fail('a range with at least one end', start);
    return { type: 'range', ...(min ? { min } : {}), ...(max ? { max } : {}) };
  }

  /** `undefined`: `*`. */
  private rangeEnd(): Value | undefined {
    const { reader } = this;
    reader.skipSpace();
    const end = reader.peek() === '"' ? reader.quoted() : reader.word(RANGE_STOPS);
    if (end.text === '' && !end.isQuoted) reader.fail('a value or *');
    return !end.isQuoted && end.text === '*' ? undefined : end;
  }

  private value(): Value {
    const { reader } = this;
    if (reader.peek() === '"') return reader.quoted();
    const value = reader.word(VALUE_STOPS);
    if (value.text === '') reader.fail('a value');
    return value;
  }
}

const COMPARISONS = [
  ['>=', 'min', true],
  ['>', 'min', false],
  ['<=', 'max', true],
  ['<', 'max', false],
] as const;

function joined(type: 'and' | 'or', operands: readonly SearchExpression[]): SearchExpression {
  const [first] = operands;
  return operands.length === 1 && first ? first : { type, operands };
}

function freeText({ pattern, isQuoted }: Value): SearchExpression {
  const isAnything =
    pattern.length === 0 || (!isQuoted && pattern.length === 1 && pattern[0]?.type === 'any');
  return isAnything ? EVERYTHING : { type: 'text', pattern };
}
