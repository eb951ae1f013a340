import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** A sealed value cannot be opened: it was changed, or another key sealed it. */
export class SealBrokenError extends Error {
  readonly code = 'SEAL_BROKEN';

  constructor(what: string, cause?: unknown) {
    super(
      `${what} cannot be decrypted: the secret key is not the one it was encrypted with; restore the key file`,
      { cause },
    );
    this.name = 'SealBrokenError';
  }
}

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts what lies in the database and must not be read there: AES-256-GCM under the installation's key, each value
 * bound to what it is (`what`), so that one cannot be put in another's place.
 */
export class Sealer {
  private readonly key: Buffer;

  /** `masterKey`: 32 bytes. */
  constructor(masterKey: Uint8Array) {
    this.key = createHash('sha256').update('ophion sealed values\0').update(masterKey).digest();
  }

  seal(what: string, value: Uint8Array | string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce);
    cipher.setAAD(Buffer.from(what));
    const body = Buffer.concat([cipher.update(value), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
  }

  /** Throws `SealBrokenError`. */
  open(what: string, sealed: Uint8Array): Buffer {
    const bytes = Buffer.from(sealed);
    if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) throw new SealBrokenError(what);
    const body = 1 + NONCE_BYTES + TAG_BYTES;
    try {
      const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(1, 1 + NONCE_BYTES));
      decipher.setAAD(Buffer.from(what));
      decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, body));
      return Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]);
    } catch (error) {
      throw new SealBrokenError(what, error);
    }
  }
}
