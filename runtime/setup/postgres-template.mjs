// Makes dist/postgres-template: the directory of a new, empty database of the embedded Postgres.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { ROOT } from './ensure.mjs';

const template = join(ROOT, 'dist', 'postgres-template');
const unfinished = `${template}.making`;
rmSync(unfinished, { recursive: true, force: true });
mkdirSync(join(ROOT, 'dist'), { recursive: true });
const database = await PGlite.create(unfinished);
await database.close();
rmSync(template, { recursive: true, force: true });
renameSync(unfinished, template);
