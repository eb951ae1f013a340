import type { GroupField, NumberField, SearchSignal } from '../../../../proto/query/index.ts';
import { CODE_NAMES } from '../../../../workers/aggregate/index.ts';
import { STORED_NUMBER } from './search-sql.ts';

/** Expressions over rows of `spans` or `logs`, with what they need bound and in front of the statement. */
export class FieldSql {
  readonly parameters: Record<string, unknown> = {};
  readonly withs: string[] = [];
  private readonly signal: SearchSignal;

  constructor(signal: SearchSignal) {
    this.signal = signal;
  }

  /** A Nullable(String): null where the item has no text. */
  text(field: GroupField): string {
    switch (field.type) {
      case 'service':
        return `nullIf(toString(service${field.part.charAt(0).toUpperCase()}${field.part.slice(1)}), '')`;
      case 'string':
        return this.hasColumn(field.column) ? `nullIf(toString(${field.column}), '')` : NO_TEXT;
      case 'scope': {
        const name = this.lookUp(`SELECT id, any(${field.part}) AS found FROM scopes GROUP BY id`, "''");
        return `nullIf(transform(scope, ${name}.1, ${name}.2, ''), '')`;
      }
      case 'trace':
        return `if(traceId = toFixedString('', 16), NULL, lower(hex(traceId)))`;
      case 'number':
        return this.hasColumn(field.column) ? codeText(field.column) : NO_TEXT;
      case 'attribute': {
        const id = this.attributeId(field, '1');
        const values = this.lookUp(
          `SELECT id, any(value) AS found FROM attributes WHERE key = ${this.bind(field.key)} GROUP BY id`,
          "''",
        );
        return `if(${id} = 0, NULL, transform(${id}, ${values}.1, ${values}.2, ''))`;
      }
    }
  }

  /** What is hashed to count distinct texts; null where there is none. */
  hashed(field: GroupField): string {
    if (field.type === 'trace') return `if(traceId = toFixedString('', 16), NULL, xxHash32(traceId))`;
    return `xxHash32(${this.text(field)})`;
  }

  /** A Nullable(Float64). */
  number(field: NumberField): string {
    if (field.type === 'duration') {
      return this.signal === 'traces'
        ? 'toNullable(toFloat64(durationNano))'
        : "CAST(NULL, 'Nullable(Float64)')";
    }
    const isNumber = `isFinite(ifNull(${STORED_NUMBER}, nan))`;
    const id = this.attributeId(field, isNumber);
    const values = this.lookUp(
      `SELECT id, any(assumeNotNull(${STORED_NUMBER})) AS found FROM attributes
       WHERE key = ${this.bind(field.key)} AND ${isNumber} GROUP BY id`,
      'toFloat64(0)',
    );
    return `if(${id} = 0, NULL, transform(${id}, ${values}.1, ${values}.2, toFloat64(0)))`;
  }

  /** The first attribute of the key that the item, its resource or its scope has; 0 for none. */
  private attributeId(
    { owner, key }: Extract<GroupField, { readonly type: 'attribute' }>,
    condition: string,
  ): string {
    const ids = `SELECT id FROM attributes WHERE key = ${this.bind(key)} AND ${condition}`;
    const first = `arrayFirst(id -> id IN (${ids}), attributes)`;
    const ofOrigin = (table: 'resources' | 'scopes', column: string): string => {
      const found = this.lookUp(`SELECT id, any(${first}) AS found FROM ${table} GROUP BY id`, 'toUInt64(0)');
      return `transform(${column}, ${found}.1, ${found}.2, toUInt64(0))`;
    };
    const parts = {
      item: () => first,
      resource: () => ofOrigin('resources', 'resource'),
      scope: () => ofOrigin('scopes', 'scope'),
    };
    if (owner !== 'any') return parts[owner]();
    const [item, resource, scope] = [parts.item(), parts.resource(), parts.scope()];
    return `multiIf(${item} != 0, ${item}, ${resource} != 0, ${resource}, ${scope})`;
  }

  /** A pair of arrays to translate ids by. Neither is ever empty. */
  private lookUp(select: string, nothing: string): string {
    const name = `lookUp${this.withs.length}`;
    this.withs.push(
      `(SELECT (arrayPushBack(groupArray(id), toUInt64(0)), arrayPushBack(groupArray(found), ${nothing}))
        FROM (${select})) AS ${name}`,
    );
    return name;
  }

  private bind(text: string): string {
    const name = `field${Object.keys(this.parameters).length}`;
    this.parameters[name] = text;
    return `{${name}:String}`;
  }

  private hasColumn(column: string): boolean {
    const ofSpans = ['name', 'statusMessage', 'kind', 'statusCode'];
    return ofSpans.includes(column) === (this.signal === 'traces');
  }
}

const NO_TEXT = "CAST(NULL, 'Nullable(String)')";

/** See `codeName`. */
export function codeText(column: keyof typeof CODE_NAMES): string {
  const names = `[${CODE_NAMES[column].map((name) => `'${name}'`).join(', ')}]`;
  const place = column === 'severityNumber' ? 'intDiv(severityNumber - 1, 4) + 1' : `${column} + 1`;
  const text = `if(${place} <= ${CODE_NAMES[column].length}, ${names}[${place}], toString(${column}))`;
  return column === 'severityNumber' ? `if(severityNumber = 0, NULL, ${text})` : `toNullable(${text})`;
}
