/** Work of those who ask the same is done once, one piece of it at a time; only so many wait for their turn. */
export class SharedTurns<Answer> {
  private readonly most: number;
  private readonly underWay = new Map<string, Promise<Answer>>();
  private last: Promise<unknown> = Promise.resolve();

  /** @param most pieces of work, the one that is being done among them */
  constructor(most: number) {
    this.most = most;
  }

  /** The answer of the work that has this key, begun if nobody asked for it yet; undefined where too many wait. */
  take(key: string, work: () => Promise<Answer>): Promise<Answer> | undefined {
    const known = this.underWay.get(key);
    if (known !== undefined) return known;
    if (this.underWay.size >= this.most) return undefined;
    const turn = this.last.then(work).finally(() => {
      this.underWay.delete(key);
    });
    this.underWay.set(key, turn);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
