/** The signals that can be searched by a line. */
export type SearchSignal = 'traces' | 'logs';

/** One piece of a pattern: text as it is written, any text at all, or any one character. */
export type PatternPart =
  { readonly type: 'literal'; readonly text: string } | { readonly type: 'any' | 'one' };
export type TextPattern = readonly PatternPart[];

/** What a text must be. `exists`: not empty. */
export type TextTest =
  { readonly type: 'exists' } | { readonly type: 'pattern'; readonly pattern: TextPattern };

/** A number as it was written, and the double nearest to it. */
export interface WrittenNumber {
  readonly value: number;
  /**
   * Exactly, of a whole number that a double may not be: whole values are compared with this. Below 2^53 the double tells
   * all of them apart.
   */
  readonly whole?: bigint;
}

export interface NumberBound extends WrittenNumber {
  readonly isInclusive: boolean;
}

/** Whole numbers of more digits are compared as doubles, in both tiers. */
export const MOST_WHOLE_DIGITS = 30;

/**
 * What the value of an attribute must be. `exists`: it is there. `pattern`: its text form matches, or, with `number`, it is
 * that number. `range`: it is a number, or a string that is one in decimal notation, within the bounds.
 */
export type ValueTest =
  | { readonly type: 'exists' }
  | { readonly type: 'pattern'; readonly pattern: TextPattern; readonly number?: WrittenNumber }
  | { readonly type: 'range'; readonly min?: NumberBound; readonly max?: NumberBound };

/** Whose attributes: the span or log record itself, its resource, its instrumentation scope, a span's events, or any of them. */
export type AttributeOwner = 'item' | 'resource' | 'scope' | 'event' | 'any';

/**
 * Which spans or log records are meant; what a search line says. A condition on what a signal does not have, such as the
 * body of a span, holds for none. Text is compared byte for byte, free text (`text`) with ASCII letters in either case.
 */
export type SearchExpression =
  | { readonly type: 'everything' }
  | { readonly type: 'and' | 'or'; readonly operands: readonly SearchExpression[] }
  | { readonly type: 'not'; readonly operand: SearchExpression }
  /**
   * Anywhere in what one reads. Of a span: its name, status message and attribute values, and the names and attribute
   * values of its events. Of a log record: its body, event name and attribute values.
   */
  | { readonly type: 'text'; readonly pattern: TextPattern }
  /** Of the resource, as in `ServiceKey`. */
  | {
      readonly type: 'service';
      readonly part: 'name' | 'namespace' | 'environment';
      readonly test: TextTest;
    }
  | {
      readonly type: 'string';
      readonly column: 'name' | 'statusMessage' | 'traceState' | 'severityText' | 'eventName';
      readonly test: TextTest;
    }
  /** The name of any event of a span. */
  | { readonly type: 'event'; readonly test: TextTest }
  | { readonly type: 'scope'; readonly part: 'name' | 'version'; readonly test: TextTest }
  | { readonly type: 'body'; readonly test: TextTest }
  /** Both ends included. */
  | {
      readonly type: 'number';
      readonly column: 'kind' | 'statusCode' | 'severityNumber';
      readonly min: number;
      readonly max: number;
    }
  /** Both ends included. */
  | { readonly type: 'duration'; readonly minNano: bigint; readonly maxNano: bigint }
  /** Lower-case hex; without it: any id at all. */
  | {
      readonly type: 'id';
      readonly column: 'traceId' | 'spanId' | 'parentSpanId';
      readonly hex?: string;
    }
  /** What any link of a span names. */
  | { readonly type: 'link'; readonly column: 'traceId' | 'spanId'; readonly hex?: string }
  | {
      readonly type: 'attribute';
      readonly owner: AttributeOwner;
      readonly key: string;
      readonly test: ValueTest;
    };

export const EVERYTHING: SearchExpression = { type: 'everything' };

/** Why a line is no search: where (a place in the line, from 0), what was expected there, and what was found instead. */
export interface SearchSyntaxError {
  readonly position: number;
  readonly expected: string;
  readonly found: string;
}

export type ParsedSearch = { readonly expression: SearchExpression } | { readonly error: SearchSyntaxError };
