import type { AnyValueJson } from '../../../proto/api/index.ts';

const LONGEST_PARSED = 200_000;

function asValue(value: unknown): AnyValueJson {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(asValue) } };
  if (typeof value === 'object' && value !== null) {
    return {
      kvlistValue: { values: Object.entries(value).map(([key, one]) => ({ key, value: asValue(one) })) },
    };
  }
  return {};
}

/** A body that has structure: a map or list, or JSON text of one. undefined for plain text. */
export function structuredBody(body: AnyValueJson): AnyValueJson | undefined {
  if ('kvlistValue' in body || 'arrayValue' in body) return body;
  if (!('stringValue' in body)) return undefined;
  const text = body.stringValue.trim();
  if (!/^[[{]/.test(text) || text.length > LONGEST_PARSED) return undefined;
  try {
    return asValue(JSON.parse(text));
  } catch {
    return undefined;
  }
}
