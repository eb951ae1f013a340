import type { Truth } from './read-systems.ts';

/** What a parser says of each line. */
export interface Parsed {
  readonly groups: readonly string[];
  readonly templates: readonly string[];
}

export interface GroupingScore {
  /** Share of lines whose group is exactly a true one (Zhu et al., ICSE-SEIP 2019). */
  readonly ga: number;
  /** F1 of groups that are exactly a true one. */
  readonly fga: number;
  /** Share of lines whose template is the true one, up to white space. */
  readonly pa: number;
  /** F1 of groups that are exactly a true one and have its template. */
  readonly fta: number;
}

export function scoreGrouping({ groups, templates }: Parsed, truth: Truth): GroupingScore {
  const found = rowsBy(groups);
  const expected = rowsBy(truth.events);
  let linesInRightGroup = 0;
  let rightGroups = 0;
  let rightTemplates = 0;
  for (const rows of found.values()) {
    const [first = 0] = rows;
    const wanted = expected.get(truth.events[first] ?? '') ?? [];
    if (wanted.length !== rows.length || !rows.every((row, index) => row === wanted[index])) continue;
    linesInRightGroup += rows.length;
    rightGroups += 1;
    if (isSameTemplate(templates[first], truth.templates[first])) rightTemplates += 1;
  }
  const linesOfRightTemplate = templates.filter((template, row) =>
    isSameTemplate(template, truth.templates[row]),
  );
  const sizes = found.size + expected.size;
  return {
    ga: linesInRightGroup / groups.length,
    fga: (2 * rightGroups) / sizes,
    pa: linesOfRightTemplate.length / groups.length,
    fta: (2 * rightTemplates) / sizes,
  };
}

function rowsBy(names: readonly string[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, name] of names.entries()) {
    const known = rows.get(name);
    if (known === undefined) rows.set(name, [row]);
    else known.push(row);
  }
  return rows;
}

function isSameTemplate(one: string | undefined, other: string | undefined): boolean {
  return collapsed(one ?? '') === collapsed(other ?? '');
}

function collapsed(template: string): string {
  return template.replace(/\s+/g, ' ').trim();
}
