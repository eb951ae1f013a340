import { randomBytes } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;
const ONLY_OWNER = 0o077;

/** The key file cannot be used. */
export class MasterKeyError extends Error {
  readonly code = 'CONFIG_INVALID';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'MasterKeyError';
  }
}

interface MasterKeyOptions {
  /** Made when it is not there, unless it was named by a setting: then it must exist. */
  readonly path: string;
  /** The setting that named the path. */
  readonly setting?: string;
}

/** What the configuration says of the key. */
export interface MasterKeySettings {
  /** 64 hexadecimal digits. */
  readonly secretKey?: string | undefined;
  readonly secretKeyFile?: string | undefined;
}

/**
 * The installation's key, of 32 bytes. What is encrypted at rest cannot be read without it: it belongs into the backup, apart
 * from the database. Rejects with `MasterKeyError`.
 */
export async function masterKeyOf(
  { secretKey, secretKeyFile }: MasterKeySettings,
  dataDir: string,
): Promise<Buffer> {
  if (secretKey !== undefined && secretKeyFile !== undefined) {
    throw new MasterKeyError(
      'OPHION_SECRET_KEY and OPHION_SECRET_KEY_FILE are both set: leave one of them out',
    );
  }
  if (secretKey !== undefined) return Buffer.from(secretKey, 'hex');
  return readMasterKey(
    secretKeyFile === undefined
      ? { path: join(dataDir, 'secret.key') }
      : { path: secretKeyFile, setting: 'OPHION_SECRET_KEY_FILE' },
  );
}

/** From a file that only its owner may read. Rejects with `MasterKeyError`. */
async function readMasterKey({ path, setting }: MasterKeyOptions): Promise<Buffer> {
  const found = await readKey(path);
  if (found !== undefined) return found;
  if (setting !== undefined) {
    throw new MasterKeyError(
      `${setting} names ${path}, which is not there: make it with openssl rand -hex 32`,
    );
  }
  const key = randomBytes(KEY_BYTES);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${key.toString('hex')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new MasterKeyError(`the secret key ${path} cannot be written: ${(error as Error).message}`, error);
  }
  return key;
}

async function readKey(path: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & ONLY_OWNER) !== 0) {
      throw new MasterKeyError(`${path} can be read by others: chmod 600 ${path}`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof MasterKeyError) throw error;
    throw new MasterKeyError(`the secret key ${path} cannot be read: ${(error as Error).message}`, error);
  }
  const digits = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new MasterKeyError(
      `${path} is no secret key: expected 64 hexadecimal digits (openssl rand -hex 32)`,
    );
  }
  return Buffer.from(digits, 'hex');
}
