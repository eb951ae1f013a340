import type { AnyBatch, DictionarySnapshot } from '../../proto/columns/index.ts';
import type {
  AttributeOwner,
  SearchExpression,
  SearchSignal,
  TextPattern,
  TextTest,
} from '../../proto/query/index.ts';
import { dictionaryReader, type Attribute } from '../columns/index.ts';
import { AttributeMatcher } from './attribute-matcher.ts';
import { BodyTest } from './body-test.ts';
import {
  ByteTest,
  CodeListTest,
  CodeTest,
  DurationTest,
  EventAttributeTest,
  IdTest,
  LinkTest,
  ServiceTest,
} from './column-tests.ts';
import { EntryTables } from './entry-tables.ts';
import { And, Everything, Not, Nothing, Or, type RowTest } from './row-test.ts';
import { TextMatcher } from './text-matcher.ts';

const encoder = new TextEncoder();
/** What every signal that can be searched has. */
type ColumnsOf<S extends SearchSignal> = Extract<AnyBatch, { readonly signal: S }>['columns'];

export function compileSearch(expression: SearchExpression, signal: SearchSignal): RowTest {
  switch (expression.type) {
    case 'everything':
      return new Everything();
    case 'and':
      return new And(expression.operands.map((operand) => compileSearch(operand, signal)));
    case 'or':
      return new Or(expression.operands.map((operand) => compileSearch(operand, signal)));
    case 'not':
      return new Not(compileSearch(expression.operand, signal));
    case 'text':
      return compileText(expression.pattern, signal);
    case 'service': {
      const { part, test } = expression;
      return new ServiceTest((service) => passesText(test, service[part]));
    }
    case 'attribute':
      return compileAttribute(
        expression.owner,
        AttributeMatcher.ofTest(expression.key, expression.test),
        signal,
      );
    case 'scope': {
      const { part, test } = expression;
      return scopeTest((snapshot, code) => passesText(test, dictionaryReader(snapshot).scope(code)[part]));
    }
    default:
      return compileColumn(expression, signal);
  }
}

type ColumnCondition = Exclude<
  SearchExpression,
  { readonly type: 'everything' | 'and' | 'or' | 'not' | 'text' | 'service' | 'attribute' | 'scope' }
>;

/** Of columns that only one of the signals has. */
function compileColumn(expression: ColumnCondition, signal: SearchSignal): RowTest {
  switch (expression.type) {
    case 'string': {
      const { column, test } = expression;
      return ifColumn(signal, column, () => {
        return new CodeTest((batch) => numbersOf(batch, column) as Int32Array, stringTables(test));
      });
    }
    case 'number': {
      const { column, min, max } = expression;
      return ifColumn(signal, column, () => {
        return new ByteTest((batch) => numbersOf(batch, column) as Uint8Array, min, max);
      });
    }
    case 'id': {
      const { column, hex } = expression;
      const width = column === 'traceId' ? 16 : 8;
      return ifColumn(signal, column, () => {
        return new IdTest((batch) => numbersOf(batch, column) as Uint8Array, width, hex);
      });
    }
    case 'link': {
      const { column, hex } = expression;
      if (signal !== 'traces') return new Nothing();
      return new LinkTest((batch) => linkIds(batch, column), column === 'traceId' ? 16 : 8, hex);
    }
    case 'duration':
      return signal === 'traces' ? new DurationTest(expression.minNano, expression.maxNano) : new Nothing();
    case 'event':
      return signal === 'traces'
        ? new CodeListTest(eventNames, stringTables(expression.test))
        : new Nothing();
    case 'body': {
      const { test } = expression;
      if (signal !== 'logs') return new Nothing();
      return new BodyTest(test.type === 'exists' ? undefined : new TextMatcher(test.pattern));
    }
  }
}

const COLUMNS: Readonly<Record<SearchSignal, readonly string[]>> = {
  traces: ['name', 'statusMessage', 'traceState', 'kind', 'statusCode', 'traceId', 'spanId', 'parentSpanId'],
  logs: ['severityText', 'eventName', 'severityNumber', 'traceId', 'spanId'],
};

function ifColumn(signal: SearchSignal, column: string, make: () => RowTest): RowTest {
  return COLUMNS[signal].includes(column) ? make() : new Nothing();
}

function numbersOf(batch: AnyBatch, column: string): unknown {
  return (batch.columns as unknown as Readonly<Record<string, unknown>>)[column];
}

function eventNames(batch: AnyBatch): { offsets: Int32Array; items: Int32Array } {
  const { offsets, items } = (batch.columns as ColumnsOf<'traces'>).events;
  return { offsets, items: items.name };
}

function linkIds(batch: AnyBatch, column: 'traceId' | 'spanId'): { offsets: Int32Array; ids: Uint8Array } {
  const { offsets, items } = (batch.columns as ColumnsOf<'traces'>).links;
  return { offsets, ids: items[column] };
}

function attributesOf(batch: AnyBatch): { offsets: Int32Array; items: Int32Array } {
  return (batch.columns as ColumnsOf<'traces'>).attributes;
}

function stringTables(test: TextTest): EntryTables {
  if (test.type === 'exists') return new EntryTables('strings', (_bytes, start, end) => end > start);
  const matcher = new TextMatcher(test.pattern);
  return new EntryTables('strings', (bytes, start, end) => matcher.matches(bytes, start, end));
}

function compileText(pattern: TextPattern, signal: SearchSignal): RowTest {
  const matcher = new TextMatcher(pattern, { isFolded: true, isAnywhere: true });
  const strings = new EntryTables('strings', (bytes, start, end) => matcher.matches(bytes, start, end));
  const attributes = attributeTables(AttributeMatcher.containing(pattern));
  const string = (column: string): RowTest =>
    new CodeTest((batch) => numbersOf(batch, column) as Int32Array, strings);
  const ofItem = new CodeListTest(attributesOf, attributes);
  if (signal === 'logs') return new Or([string('eventName'), ofItem, new BodyTest(matcher)]);
  return new Or([
    string('name'),
    string('statusMessage'),
    ofItem,
    new CodeListTest(eventNames, strings),
    new EventAttributeTest(attributes),
  ]);
}

function attributeTables(matcher: AttributeMatcher): EntryTables {
  return new EntryTables(
    'attributes',
    (bytes, start, end) => matcher.stateOf(bytes, start, end),
    matcher.key,
  );
}

function compileAttribute(owner: AttributeOwner, matcher: AttributeMatcher, signal: SearchSignal): RowTest {
  const tables = attributeTables(matcher);
  const isAny = (attributes: readonly Attribute[]): boolean =>
    attributes.some((attribute) => matcher.matches(attribute));
  const tests: Readonly<Record<Exclude<AttributeOwner, 'any'>, () => RowTest>> = {
    item: () => new CodeListTest(attributesOf, tables, matcher.key !== undefined),
    resource: () =>
      new CodeTest(
        ({ columns }) => columns.resource,
        new EntryTables('resources', (_bytes, _start, _end, code, snapshot) =>
          isAny(dictionaryReader(snapshot).resource(code).attributes),
        ),
      ),
    scope: () => scopeTest((snapshot, code) => isAny(dictionaryReader(snapshot).scope(code).attributes)),
    event: () => (signal === 'traces' ? new EventAttributeTest(tables) : new Nothing()),
  };
  if (owner !== 'any') return tests[owner]();
  return new Or(Object.values(tests).map((make) => make()));
}

function scopeTest(passes: (snapshot: DictionarySnapshot, code: number) => boolean): RowTest {
  return new CodeTest(
    ({ columns }) => columns.scope,
    new EntryTables('scopes', (_bytes, _start, _end, code, snapshot) => passes(snapshot, code)),
  );
}

function passesText(test: TextTest, text: string): boolean {
  if (test.type === 'exists') return text !== '';
  const bytes = encoder.encode(text);
  return new TextMatcher(test.pattern).matches(bytes, 0, bytes.length);
}
