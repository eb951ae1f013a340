import type { Tip, TipCategory, TipExample } from './tip-input.ts';

/** More than a sample of spans can show. */
const MOST_FINDINGS = 20_000;
const MOST_EXAMPLES = 3;
const MOST_NAMES = 300;

/** That one operation showed something. */
export interface Finding {
  readonly category: TipCategory;
  readonly service: string;
  readonly operation: string;
  readonly subject: string;
  readonly savingMs: number;
  /** Added up; means are taken at the end. */
  readonly figures: Readonly<Record<string, number>>;
  readonly example: TipExample;
  readonly signs?: readonly string[];
}

interface Sum {
  readonly first: Finding;
  shown: number;
  savingMs: number;
  readonly figures: Map<string, number>;
  /** Those that would save the most. */
  examples: { readonly example: TipExample; readonly savingMs: number }[];
}

interface Operation {
  count: number;
  totalMs: number;
}

/** Findings of many traces, added up by what they say of what. Bounded: further ones than so many kinds are left out. */
export class TipTally {
  private readonly sums = new Map<string, Sum>();
  private readonly operations = new Map<string, Operation>();

  /** An operation that was looked at, whatever it showed. */
  look(service: string, operation: string, durationMs: number): void {
    const key = keyOf(service, operation);
    const known = this.operations.get(key);
    if (known) {
      known.count += 1;
      known.totalMs += durationMs;
    } else if (this.operations.size < MOST_FINDINGS) {
      this.operations.set(key, { count: 1, totalMs: durationMs });
    }
  }

  add(finding: Finding): void {
    const { category, service, operation, subject, savingMs, figures, example } = finding;
    const key = keyOf(category, service, operation, subject);
    let sum = this.sums.get(key);
    if (!sum) {
      if (this.sums.size >= MOST_FINDINGS) return;
      sum = { first: finding, shown: 0, savingMs: 0, figures: new Map(), examples: [] };
      this.sums.set(key, sum);
    }
    sum.shown += 1;
    sum.savingMs += savingMs;
    for (const [name, value] of Object.entries(figures)) {
      sum.figures.set(name, (sum.figures.get(name) ?? 0) + value);
    }
    sum.examples.push({ example, savingMs });
    if (sum.examples.length > 2 * MOST_EXAMPLES) sum.examples = best(sum.examples);
  }

  /** Those that are worth saying, the largest saving of all requests together first. */
  tips(isWorthSaying: (tip: Tip) => boolean): Tip[] {
    const tips: Tip[] = [];
    for (const { first, shown, savingMs, figures, examples } of this.sums.values()) {
      const { category, service, operation, subject, signs = [] } = first;
      const looked = this.operations.get(keyOf(service, operation));
      const tip: Tip = {
        category,
        service,
        operation: operation.slice(0, MOST_NAMES),
        subject: subject.slice(0, MOST_NAMES),
        looked: looked?.count ?? shown,
        shown,
        savingMs: savingMs / shown,
        savingShare: shareOf(savingMs, looked?.totalMs ?? 0),
        figures: Object.fromEntries([...figures].map(([name, value]) => [name, value / shown])),
        examples: best(examples).map(({ example }) => example),
        signs,
      };
      if (isWorthSaying(tip)) tips.push(tip);
    }
    return tips.sort(
      (one, other) => weightOf(other) - weightOf(one) || (one.subject < other.subject ? -1 : 1),
    );
  }
}

/** 0 where it is no time that is saved, or none is known. */
function shareOf(savingMs: number, totalMs: number): number {
  const share = savingMs / totalMs;
  return Number.isFinite(share) ? share : 0;
}

function weightOf({ savingMs, shown }: Tip): number {
  return Number.isNaN(savingMs) ? 0 : savingMs * shown;
}

function best<Example extends { readonly savingMs: number }>(examples: readonly Example[]): Example[] {
  const value = ({ savingMs }: Example): number => (Number.isNaN(savingMs) ? 0 : savingMs);
  return examples.toSorted((one, other) => value(other) - value(one)).slice(0, MOST_EXAMPLES);
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
