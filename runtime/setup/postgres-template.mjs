// Writes dist/postgres-template.tgz: a new, empty database of the embedded Postgres, packed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { ROOT } from './ensure.mjs';

const database = await PGlite.create();
const packed = await database.dumpDataDir('gzip');
mkdirSync(join(ROOT, 'dist'), { recursive: true });
writeFileSync(join(ROOT, 'dist', 'postgres-template.tgz'), new Uint8Array(await packed.arrayBuffer()));
await database.close();
