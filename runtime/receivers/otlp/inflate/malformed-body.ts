/** The bytes are not what they are said to be, or more than we read. The message completes "the body is not zstd: …". */
export class MalformedBody extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedBody';
  }
}
