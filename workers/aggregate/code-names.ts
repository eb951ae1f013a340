/** Names of OTLP's numbers, by number. */
export const CODE_NAMES = {
  kind: ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'],
  statusCode: ['unset', 'ok', 'error'],
  severityNumber: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
} as const;

/** `undefined`: a record without severity. A number without a name is its digits. */
export function codeName(column: keyof typeof CODE_NAMES, code: number): string | undefined {
  if (column !== 'severityNumber') return CODE_NAMES[column][code] ?? String(code);
  if (code === 0) return undefined;
  return CODE_NAMES.severityNumber[(code - 1) >> 2] ?? String(code);
}
