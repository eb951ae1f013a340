/** Whether a counter began anew between two samples, by when their counting started; 0 for not known. */
export function isStartReset(
  previousStart: number,
  previousTime: number,
  start: number,
  time: number,
): boolean {
  // Counting that starts at its own sample is how OpenTelemetry says that nobody knows.
  if (start === 0 || start >= time || start < previousTime) return false;
  if (start > previousTime) return true;
  // It starts at the previous sample: a delta, or a counter whose first start was not known.
  if (previousStart > previousTime) return false;
  return previousStart !== 0 && previousStart !== previousTime;
}

export function isStartOverlap(previousStart: number, previousTime: number, start: number): boolean {
  return start !== 0 && start < previousTime && start !== previousStart;
}
