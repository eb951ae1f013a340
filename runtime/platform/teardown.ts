type Step = () => Promise<void> | void;

/** What a start must undo when it stops, or when a later step of it fails. */
export class Teardown {
  private readonly steps: Step[] = [];

  add(step: Step): void {
    this.steps.push(step);
  }

  /** All of them, in the opposite order, whatever becomes of each; then rejects with the first error. */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
