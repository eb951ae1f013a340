import type { ServiceJson } from '../../proto/api/index.ts';
import { parseServiceId } from '../../proto/columns/index.ts';

export function serviceJson(id: string): ServiceJson {
  const key = parseServiceId(id);
  return { id, namespace: key?.namespace ?? '', name: key?.name ?? id, environment: key?.environment ?? '' };
}

export function whole(value = Number.NaN): string {
  return String(Math.round(value));
}

export function tenths(value = Number.NaN): string {
  return String(Math.round(value * 10) / 10);
}

export function percent(share = Number.NaN): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? '< 1' : Math.round(value)} %`;
}

export function milliseconds(value = Number.NaN): string {
  if (value >= 1_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value >= 10 ? Math.round(value) : tenths(value)} ms`;
}

export function megabytes(bytes = Number.NaN): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(BINARY_UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${BINARY_UNITS[power]}`;
}

/** `3 hours`, `5 days` */
export function hoursText(hours: number): string {
  return hours >= 48 ? `${Math.round(hours / 24)} days` : hours === 1 ? 'hour' : `${hours} hours`;
}
