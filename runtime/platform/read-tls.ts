import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError, type Config } from '../config/index.ts';
import type { TlsFiles } from '../http/index.ts';

/** Both files, where they are named. Rejects with a `ConfigError` that says which of them cannot be used, and why. */
export async function readTls({
  tlsCertFile,
  tlsKeyFile,
}: Pick<Config, 'tlsCertFile' | 'tlsKeyFile'>): Promise<TlsFiles | undefined> {
  if (tlsCertFile === undefined && tlsKeyFile === undefined) return undefined;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) {
    throw new ConfigError('OPHION_TLS_CERT_FILE and OPHION_TLS_KEY_FILE go together: set both, or neither');
  }
  const cert = await read('OPHION_TLS_CERT_FILE', tlsCertFile);
  const key = await read('OPHION_TLS_KEY_FILE', tlsKeyFile);
  const certificate = parsed(
    'OPHION_TLS_CERT_FILE',
    tlsCertFile,
    'certificate',
    () => new X509Certificate(cert),
  );
  const privateKey = parsed('OPHION_TLS_KEY_FILE', tlsKeyFile, 'private key', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new ConfigError(
      `the key in ${tlsKeyFile} (OPHION_TLS_KEY_FILE) is not that of the certificate in ${tlsCertFile}`,
    );
  }
  return { cert, key };
}

async function read(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${setting} names ${path}, which cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parsed<T>(setting: string, path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ConfigError(`${setting} names ${path}, which holds no ${what} in PEM`, { cause: error });
  }
}
