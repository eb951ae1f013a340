/** The bytes are not Zstandard, or more than we read. The message completes "the body is not zstd: …". */
export class MalformedZstd extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedZstd';
  }
}
