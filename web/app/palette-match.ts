export interface PaletteEntry {
  readonly label: string;
  readonly detail: string;
  readonly href: string;
}

/**
 * How well `query` fits `label`: its letters in order. Higher is better, undefined is no fit. Runs of letters and
 * beginnings of words count more. Both lower case.
 */
export function fitOf(query: string, label: string): number | undefined {
  let score = 0;
  let at = -1;
  for (const letter of query) {
    if (letter === ' ') continue;
    const found = label.indexOf(letter, at + 1);
    if (found < 0) return undefined;
    if (found === at + 1) score += 3;
    if (found === 0 || /[\s/._-]/.test(label[found - 1] ?? '')) score += 4;
    score -= Math.min(3, found - at - 1) * 0.5;
    at = found;
  }
  return score - label.length * 0.02;
}

export const traceIdIn = (text: string): string | undefined =>
  /^\s*([0-9a-f]{32})\s*$/i.exec(text)?.[1]?.toLowerCase();

/** The best `most` entries for what was typed; all in their own order when nothing was. */
export function matchEntries(entries: readonly PaletteEntry[], typed: string, most: number): PaletteEntry[] {
  const traceId = traceIdIn(typed);
  if (traceId !== undefined) {
    return [{ label: `Trace ${traceId}`, detail: 'Open', href: `/traces/${traceId}` }];
  }
  const query = typed.trim().toLowerCase();
  if (query === '') return entries.slice(0, most);
  const fitting = entries.flatMap((entry) => {
    const fit = fitOf(query, entry.label.toLowerCase());
    if (fit !== undefined) return [{ entry, fit }];
    return entry.detail.toLowerCase().includes(query) ? [{ entry, fit: -Infinity }] : [];
  });
  return fitting
    .sort((one, other) => other.fit - one.fit)
    .slice(0, most)
    .map(({ entry }) => entry);
}
