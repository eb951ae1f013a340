/** An answer that its source has already written in the format that was asked for. */
export class WrittenAnswer {
  readonly chunks: AsyncIterable<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks;
  }
}
