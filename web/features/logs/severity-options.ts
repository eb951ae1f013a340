import { MIN_SEVERITIES } from '../../ui/otel-names.ts';

export const SEVERITY_OPTIONS = [
  { value: '', label: 'Any' },
  ...MIN_SEVERITIES.map(({ value, label }) => ({ value: String(value), label: `${label} and above` })),
];
