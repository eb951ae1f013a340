/** What was prepared of a segment is not there any more: it has to be prepared again. */
export class PreparedSegmentGoneError extends Error {
  constructor(segment: number, path: string) {
    super(
      `What was prepared of segment ${segment} is gone: ${path} was removed. The segment is prepared again.`,
    );
    this.name = 'PreparedSegmentGoneError';
  }
}
