// Hot: once a selected row. Bench: bench/hot-query.
import type { ServiceBatch } from '../../proto/columns/index.ts';
import type { GroupField, GroupKey } from '../../proto/query/index.ts';
import { textReader, type ReadRows } from './field-readers.ts';
import { TextIds } from './text-ids.ts';

/** Texts of one field are numbered from 1; 0 is none. */
interface Field {
  readonly ids: TextIds;
  readonly read: ReadRows;
}

/** Numbers of pairs, and the pairs by number; of the last level not kept. */
interface Step {
  readonly numbers: Map<number, number>;
  readonly pairs: number[];
}

/** Groups of rows by the texts of some fields, numbered in the order they come. */
export class GroupTable {
  /** Rows of groups beyond the most. */
  ungrouped = 0;
  private readonly fields: readonly Field[];
  private readonly most: number;
  private readonly isClosed: boolean;
  /** Numbers of texts, a run of them a group. */
  private readonly members: number[] = [];
  /** From what the texts of all fields but the last come to, and the last one's, to a group; level by level. */
  private readonly steps: readonly Step[];
  private groups = 0;
  private values = new Float64Array(0);
  /** With one field: the group of each text, -1 for none yet. A map would cost as much as all the rest of a row. */
  private direct = new Int32Array(0);

  /** With `only`, rows of other groups are left out. */
  constructor(groupBy: readonly GroupField[], most: number, only: readonly GroupKey[] | undefined) {
    this.fields = groupBy.map((field) => {
      const ids = new TextIds();
      return { ids, read: textReader(field, ids) };
    });
    this.steps = groupBy.map(() => ({ numbers: new Map<number, number>(), pairs: [] }));
    this.most = most;
    for (const key of only ?? []) {
      this.groupOf(
        key.map((text, index) => (text === null ? 0 : (this.fields[index]?.ids.idOf(text) ?? 0) + 1)),
      );
    }
    this.isClosed = only !== undefined;
    if (groupBy.length === 0) this.groups = 1;
  }

  /** Groups so far. */
  get size(): number {
    return this.groups;
  }

  /** Writes the group of each row in the mask, and takes rows out of the mask that have none. */
  read(part: ServiceBatch, mask: Uint8Array, into: Int32Array): void {
    const rows = part.batch.rowCount;
    into.fill(0, 0, rows);
    if (this.values.length < rows) this.values = new Float64Array(rows);
    const { values } = this;
    for (const [level, { read }] of this.fields.entries()) {
      read(part, mask, values);
      const step = this.steps[level];
      if (!step) return;
      const isLast = level === this.fields.length - 1;
      if (this.fields.length === 1) {
        this.readDirect(step, mask, values, into, rows);
        return;
      }
      for (let row = 0; row < rows; row += 1) {
        if (mask[row] === 0) continue;
        const value = values[row] ?? NaN;
        // Texts are far fewer than 2^21 · 2^32.
        const pair = (into[row] ?? 0) * 2 ** 26 + (value === value ? value + 1 : 0);
        const known = step.numbers.get(pair);
        if (known !== undefined) into[row] = known;
        else this.enter(step, pair, isLast, mask, into, row);
      }
    }
  }

  private readDirect(
    step: Step,
    mask: Uint8Array,
    values: Float64Array,
    into: Int32Array,
    rows: number,
  ): void {
    const texts = (this.fields[0]?.ids.texts.length ?? 0) + 1;
    if (this.direct.length < texts) {
      const known = this.direct.length;
      const larger = new Int32Array(Math.max(texts, 2 * known)).fill(-1, known);
      larger.set(this.direct);
      this.direct = larger;
    }
    const { direct } = this;
    for (let row = 0; row < rows; row += 1) {
      if (mask[row] === 0) continue;
      // NaN becomes 0.
      const member = ((values[row] ?? NaN) + 1) | 0;
      const group = direct[member] ?? -1;
      if (group >= 0) {
        into[row] = group;
        continue;
      }
      const known = step.numbers.get(member);
      if (known === undefined) this.enter(step, member, true, mask, into, row);
      else into[row] = known;
      if (mask[row] === 1) direct[member] = into[row] ?? 0;
    }
  }

  keys(): GroupKey[] {
    const width = this.fields.length;
    return Array.from({ length: this.groups }, (_, group) =>
      this.fields.map(({ ids }, index) => {
        const member = this.members[group * width + index] ?? 0;
        return member === 0 ? null : (ids.texts[member - 1] ?? null);
      }),
    );
  }

  /** A pair that is new at its level. Between levels numbers are places in the step's map, at the last one groups. */
  private enter(
    step: Step,
    pair: number,
    isLast: boolean,
    mask: Uint8Array,
    into: Int32Array,
    row: number,
  ): void {
    if (this.isClosed || (isLast && this.groups >= this.most)) {
      mask[row] = 0;
      if (!this.isClosed) this.ungrouped += 1;
      return;
    }
    const number = this.add(step, pair, isLast);
    into[row] = number;
  }

  private add(step: Step, pair: number, isLast: boolean): number {
    if (!isLast) {
      step.numbers.set(pair, step.pairs.length);
      return step.pairs.push(pair) - 1;
    }
    const group = this.groups;
    this.groups += 1;
    step.numbers.set(pair, group);
    this.members.push(...this.membersOf(pair));
    return group;
  }

  /** The numbers of the texts that led to a pair of the last level. */
  private membersOf(pair: number): number[] {
    const members: number[] = [];
    let rest = pair;
    for (let level = this.fields.length - 1; level >= 0; level -= 1) {
      members.unshift(rest % 2 ** 26);
      const place = Math.floor(rest / 2 ** 26);
      if (level === 0) break;
      rest = this.steps[level - 1]?.pairs[place] ?? 0;
    }
    return members;
  }

  private groupOf(members: readonly number[]): void {
    let number = 0;
    for (const [level, member] of members.entries()) {
      const step = this.steps[level];
      if (!step) return;
      const pair = number * 2 ** 26 + member;
      number = step.numbers.get(pair) ?? this.add(step, pair, level === members.length - 1);
    }
  }
}
