import { readFile, readdir } from 'node:fs/promises';

export interface SqlFile {
  readonly name: string;
  readonly statements: readonly string[];
}

/** Statements end with a semicolon at a line's end. */
export function splitStatements(text: string): string[] {
  return text
    .split(/;[ \t]*(?:\r?\n|$)/)
    .map((statement) => statement.replaceAll(/^--.*$/gm, '').trim())
    .filter((statement) => statement !== '');
}

/** The `.sql` files of a folder beside this file, in the order of their names. */
export async function readSqlFiles(folder: 'migrations' | 'views'): Promise<SqlFile[]> {
  const directory = new URL(`./${folder}/`, import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      statements: splitStatements(await readFile(new URL(name, directory), 'utf8')),
    })),
  );
}
