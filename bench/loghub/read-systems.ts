import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** What people say of each line. */
export interface Truth {
  readonly events: readonly string[];
  readonly templates: readonly string[];
}

export interface LoggedSystem {
  readonly name: string;
  /** Contents, without the headers of the format, in order. */
  readonly lines: readonly string[];
  readonly original: Truth;
  /** Templates by the rules of Khan et al., ICSE 2022. */
  readonly corrected: Truth;
}

export interface LoghubHalf {
  readonly half: 'dev' | 'heldout';
  readonly systems: readonly LoggedSystem[];
}

const HALVES = ['dev', 'heldout'] as const;

/** `DIR/{dev,heldout}/S/S_2k.log_structured.csv.gz` and `…_corrected.csv.gz`, for each folder S that has them. */
export async function readLoghub(folder: string): Promise<LoghubHalf> {
  const half = HALVES.find((name) => existsSync(join(folder, name)));
  if (half === undefined) {
    throw new Error(
      `${folder} has neither dev/ nor heldout/: --data takes a folder with one of them, made of the loghub_2k and loghub_2k_corrected folders of github.com/logpai/logparser`,
    );
  }
  const names = readdirSync(join(folder, half))
    .filter((name) => existsSync(pathOf(join(folder, half), name, '')))
    .sort();
  if (names.length === 0) {
    throw new Error(`${folder}/${half} has no folder S with S_2k.log_structured.csv.gz`);
  }
  return { half, systems: await Promise.all(names.map((name) => readSystem(join(folder, half), name))) };
}

/** Rows of a gzipped CSV file with quotes, as cells by column. */
export async function readCsv(path: string): Promise<ReadonlyMap<string, string>[]> {
  const text = (await promisify(gunzip)(await readFile(path))).toString('utf8');
  const [header = [], ...rows] = parseCsv(text);
  return rows.map((row) => new Map(header.map((column, index) => [column, row[index] ?? ''])));
}

async function readSystem(folder: string, name: string): Promise<LoggedSystem> {
  const original = await readCsv(pathOf(folder, name, ''));
  const corrected = await readCsv(pathOf(folder, name, '_corrected'));
  if (original.length !== corrected.length) {
    throw new Error(`${folder}/${name}: ${original.length} lines, but ${corrected.length} corrected ones`);
  }
  return {
    name,
    lines: columnOf(original, 'Content'),
    original: { events: columnOf(original, 'EventId'), templates: columnOf(original, 'EventTemplate') },
    corrected: { events: columnOf(corrected, 'EventId'), templates: columnOf(corrected, 'EventTemplate') },
  };
}

function pathOf(folder: string, name: string, kind: '' | '_corrected'): string {
  return join(folder, name, `${name}_2k.log_structured${kind}.csv.gz`);
}

function columnOf(rows: readonly ReadonlyMap<string, string>[], column: string): string[] {
  return rows.map((row) => {
    const cell = row.get(column);
    if (cell === undefined) throw new Error(`a structured log has no column ${column}`);
    return cell;
  });
}

/** RFC 4180: cells in quotes may hold commas, line ends and doubled quotes. */
function parseCsv(text: string): string[][] {
  const cell = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y;
  const rows: string[][] = [];
  let row: string[] = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`CSV: character ${at} belongs to no cell`);
    row.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
