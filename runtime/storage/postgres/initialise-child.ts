/* Makes a new embedded database in the directory it is given, and ends. */
import { argv } from 'node:process';

import { openPGlite } from './pglite.ts';

const database = await openPGlite(argv[2] ?? '');
await database.close();
process.disconnect();
