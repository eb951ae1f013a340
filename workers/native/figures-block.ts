import type { Figures, OperationFigures } from '../red/index.ts';
import type { SegmentKey } from './batch-encoder.ts';
import { takeBlock } from './native-block.ts';
import { ValueColumn, type ColumnType, type Value } from './value-column.ts';

/** Rows of a table, as one block of ClickHouse's Native format in pieces. */
export interface FiguresBlock {
  readonly columnNames: readonly string[];
  readonly parts: readonly Uint8Array[];
}

type Column<Row> = readonly [ColumnType, (row: Row) => Value];

const FIGURES = {
  serviceNamespace: ['String', ({ service }) => service.namespace],
  serviceName: ['String', ({ service }) => service.name],
  serviceEnvironment: ['String', ({ service }) => service.environment],
  second: ['UInt64', ({ second }) => second],
  spans: ['UInt64', ({ spans }) => spans],
  requests: ['UInt64', ({ requests }) => requests],
  errors: ['UInt64', ({ errors }) => errors],
  buckets: ['Array(UInt64)', ({ durations }) => durations.buckets()],
  counts: ['Array(UInt64)', ({ durations }) => durations.counts()],
} as const satisfies Record<string, Column<Figures>>;

const OPERATION_FIGURES = {
  ...FIGURES,
  name: ['String', ({ name }) => name],
  kind: ['UInt8', ({ kind }) => kind],
} as const satisfies Record<string, Column<OperationFigures>>;

/** Rows of services. */
export function serviceFiguresBlock(key: SegmentKey, rows: readonly Figures[]): FiguresBlock {
  return blockOf(key, rows, FIGURES);
}

/** Rows of operations. */
export function operationFiguresBlock(key: SegmentKey, rows: readonly OperationFigures[]): FiguresBlock {
  return blockOf(key, rows, OPERATION_FIGURES);
}

function blockOf<Row>(
  { segment, day }: SegmentKey,
  rows: readonly Row[],
  layout: Readonly<Record<string, Column<Row>>>,
): FiguresBlock {
  const fields: readonly (readonly [string, ...Column<Row>])[] = [
    ['segment', 'UInt64', () => segment],
    ['day', 'UInt16', () => day],
    ...Object.entries(layout).map(([name, [type, value]]) => [name, type, value] as const),
  ];
  const columns = fields.map(([name, type, value]) => {
    const column = new ValueColumn(name, type);
    for (const row of rows) column.append(value(row));
    return column;
  });
  return { columnNames: columns.map(({ name }) => name), parts: takeBlock(columns, rows.length) };
}
