import { Turns } from '../../../actors/query/index.ts';
import type { AnswerColumn } from './columns.ts';
import { spreadsheetCell } from './spreadsheet-cell.ts';

/** Rows of a chunk. */
export const CHUNK_ROWS = 256;

type Chunks = AsyncGenerator<Uint8Array, void, undefined>;

/** The answer as `JSON.stringify` has it, its lists in pieces. */
export async function* jsonChunks(answer: Readonly<Record<string, unknown>>): Chunks {
  let lead = '{';
  for (const [key, value] of Object.entries(answer)) {
    if (value === undefined) continue;
    lead += `${JSON.stringify(key)}:`;
    if (isLongList(value)) {
      yield* arrayChunks(lead, value);
      lead = ',';
    } else {
      lead += `${JSON.stringify(value)},`;
    }
  }
  yield Buffer.from(`${lead.replace(/,$/, '')}}`);
}

export function isLongList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > CHUNK_ROWS;
}

async function* arrayChunks(lead: string, rows: readonly unknown[]): Chunks {
  const turns = new Turns();
  let text = `${lead}[`;
  for (const [i, row] of rows.entries()) {
    text += `${i === 0 ? '' : ','}${JSON.stringify(row)}`;
    if (turns.isOver()) await turns.next();
    if (i % CHUNK_ROWS !== CHUNK_ROWS - 1) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(`${text}]`);
}

export function ndjsonChunks(rows: readonly unknown[]): Chunks {
  return lineChunks(rows, '', (row) => `${JSON.stringify(row)}\n`);
}

/**
 * RFC 4180, with a line of names first. What a row does not have is nothing between two commas. `isForSpreadsheets`: people open it
 * in one, so texts do not begin as formulas.
 */
export function csvChunks(
  rows: readonly unknown[],
  columns: readonly AnswerColumn[],
  { isForSpreadsheets = false }: { readonly isForSpreadsheets?: boolean } = {},
): Chunks {
  const shown = (value: unknown): unknown =>
    isForSpreadsheets && typeof value === 'string' ? spreadsheetCell(value) : value;
  const lineOf = (values: readonly unknown[]): string =>
    `${values.map((value) => csvField(shown(value))).join(',')}\r\n`;
  const names = lineOf(columns.map(({ name }) => name));
  return lineChunks(rows, names, (row) => lineOf(columns.map(({ read }) => read(row))));
}

function csvField(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A text that is empty is told from none.
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function* lineChunks(rows: readonly unknown[], lead: string, lineOf: (row: unknown) => string): Chunks {
  const turns = new Turns();
  let text = lead;
  for (const [i, row] of rows.entries()) {
    text += lineOf(row);
    if (turns.isOver()) await turns.next();
    if (i % CHUNK_ROWS !== CHUNK_ROWS - 1) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
