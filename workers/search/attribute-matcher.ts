// Hot: once a distinct attribute and search. Bench: bench/hot-query.
import {
  MOST_WHOLE_DIGITS,
  type NumberBound,
  type TextPattern,
  type ValueTest,
  type WrittenNumber,
} from '../../proto/query/index.ts';
import { readAttribute, type AnyValue, type Attribute } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import { WireReader } from '../wire/index.ts';
import { AttributeShape } from './attribute-shape.ts';
import { FAILS, OTHER, PASSES, type EntryState } from './entry-tables.ts';
import { TextMatcher } from './text-matcher.ts';

const encoder = new TextEncoder();
/** Strings that count as numbers. */
const DECIMAL = /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
/** And as whole numbers that are compared as such. */
const WHOLE = new RegExp(`^-?[0-9]{1,${MOST_WHOLE_DIGITS}}$`);

/** Whether a value passes; strings are looked at as they lie in the entry. */
interface ValueMatcher {
  matchesText(bytes: Uint8Array, start: number, end: number): boolean;
  matchesValue(value: AnyValue | undefined): boolean;
}

class AnyValueMatches implements ValueMatcher {
  matchesText(): boolean {
    return true;
  }

  matchesValue(): boolean {
    return true;
  }
}

class PatternMatches implements ValueMatcher {
  private readonly matcher: TextMatcher;
  private readonly number: WrittenNumber | undefined;

  constructor(matcher: TextMatcher, number: WrittenNumber | undefined) {
    this.matcher = matcher;
    this.number = number;
  }

  matchesText(bytes: Uint8Array, start: number, end: number): boolean {
    return this.matcher.matches(bytes, start, end);
  }

  matchesValue(value: AnyValue | undefined): boolean {
    if (this.number !== undefined && (value?.kind === 'int' || value?.kind === 'double')) {
      if (compareNumbers(value, this.number) === 0) return true;
    }
    const text = encoder.encode(anyValueText(value));
    return this.matcher.matches(text, 0, text.length);
  }
}

class WithinRange implements ValueMatcher {
  private readonly min: NumberBound | undefined;
  private readonly max: NumberBound | undefined;

  constructor(min: NumberBound | undefined, max: NumberBound | undefined) {
    this.min = min;
    this.max = max;
  }

  matchesText(bytes: Uint8Array, start: number, end: number): boolean {
    // A number begins with a digit or a minus: most texts need not be decoded.
    const first = bytes[start] ?? 0;
    if (first !== 0x2d && (first < 0x30 || first > 0x39)) return false;
    return this.matchesValue({ kind: 'string', value: Buffer.from(bytes.slice(start, end)).toString() });
  }

  matchesValue(value: AnyValue | undefined): boolean {
    const { min, max } = this;
    if (min) {
      const order = compareNumbers(value, min);
      if (!(min.isInclusive ? order >= 0 : order > 0)) return false;
    }
    if (!max) return true;
    const order = compareNumbers(value, max);
    return max.isInclusive ? order <= 0 : order < 0;
  }
}

/** Below zero, zero or above it, as the value is less, equal or more; NaN where it is no number. */
function compareNumbers(value: AnyValue | undefined, { value: number, whole }: WrittenNumber): number {
  const own = whole === undefined ? undefined : wholeIn(value);
  if (whole !== undefined && own !== undefined) return own < whole ? -1 : Number(own > whole);
  const nearest = numberIn(value) ?? NaN;
  return nearest === number ? 0 : nearest - number;
}

function wholeIn(value: AnyValue | undefined): bigint | undefined {
  if (value?.kind === 'int') return value.value;
  return value?.kind === 'string' && WHOLE.test(value.value) ? BigInt(value.value) : undefined;
}

/** The number that a value is or, as a string, spells. */
export function numberIn(value: AnyValue | undefined): number | undefined {
  switch (value?.kind) {
    case 'int':
    case 'double':
      return Number(value.value);
    case 'string':
      return DECIMAL.test(value.value) ? Number(value.value) : undefined;
    default:
      return undefined;
  }
}

/** Whether an attribute, as an entry of a dictionary or decoded, has the key (without one: any) and a value that passes. */
export class AttributeMatcher {
  /** Without one, attributes of any key are meant. */
  readonly key: string | undefined;
  private readonly keyBytes: Uint8Array;
  private readonly value: ValueMatcher;
  private readonly shape = new AttributeShape();
  private readonly wire = new WireReader();

  private constructor(key: string | undefined, value: ValueMatcher) {
    this.key = key;
    this.keyBytes = encoder.encode(key ?? '');
    this.value = value;
  }

  static ofTest(key: string, test: ValueTest): AttributeMatcher {
    switch (test.type) {
      case 'exists':
        return new AttributeMatcher(key, new AnyValueMatches());
      case 'pattern':
        return new AttributeMatcher(key, new PatternMatches(new TextMatcher(test.pattern), test.number));
      case 'range':
        return new AttributeMatcher(key, new WithinRange(test.min, test.max));
    }
  }

  /** Any attribute whose value has the text in it. */
  static containing(pattern: TextPattern): AttributeMatcher {
    const matcher = new TextMatcher(pattern, { isFolded: true, isAnywhere: true });
    return new AttributeMatcher(undefined, new PatternMatches(matcher, undefined));
  }

  /** The wire bytes of a `KeyValue`. */
  stateOf(bytes: Uint8Array, start: number, end: number): EntryState {
    const { shape, key } = this;
    if (!shape.read(bytes, start, end)) {
      const attribute = this.decode(bytes, start, end);
      if (key !== undefined && key !== attribute.key) return OTHER;
      return this.value.matchesValue(attribute.value) ? PASSES : FAILS;
    }
    if (key !== undefined && !this.isKey(bytes, shape.keyStart, shape.keyEnd)) return OTHER;
    const passes = shape.isText
      ? this.value.matchesText(bytes, shape.textStart, end)
      : this.value.matchesValue(this.decode(bytes, start, end).value);
    return passes ? PASSES : FAILS;
  }

  matches({ key, value }: Attribute): boolean {
    return (this.key === undefined || this.key === key) && this.value.matchesValue(value);
  }

  private decode(bytes: Uint8Array, start: number, end: number): Attribute {
    const attribute = readAttribute(this.wire.reset(bytes.subarray(start, end)), end - start);
    this.wire.release();
    return attribute;
  }

  private isKey(bytes: Uint8Array, start: number, end: number): boolean {
    const { keyBytes } = this;
    if (end - start !== keyBytes.length) return false;
    for (let index = 0; index < keyBytes.length; index += 1) {
      if (bytes[start + index] !== keyBytes[index]) return false;
    }
    return true;
  }
}
