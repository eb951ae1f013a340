const MS_PER: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000 };

/** `250`, `250ms`, `1.5s`, `800us` in ms. undefined when it is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m)?$/.exec(text.trim());
  return match === null ? undefined : Number(match[1]) * (MS_PER[match[2] ?? 'ms'] ?? 1);
}
