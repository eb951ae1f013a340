import {
  FACET_FIELDS,
  type GroupField,
  type NumberField,
  type SearchSignal,
} from '../../proto/query/index.ts';
import { attributeOf } from '../search/index.ts';
import { facetField } from './count-values.ts';

const OTHER_FIELDS: Readonly<Record<string, GroupField>> = {
  namespace: { type: 'service', part: 'namespace' },
  environment: { type: 'service', part: 'environment' },
  'scope.version': { type: 'scope', part: 'version' },
  trace: { type: 'trace' },
};

/** The field that a name means in a search line; `undefined` for one that an item may have several of, such as an event's. */
export function namedField(signal: SearchSignal, name: string): GroupField | undefined {
  if (FACET_FIELDS[signal].includes(name)) return facetField(name);
  return (Object.hasOwn(OTHER_FIELDS, name) ? OTHER_FIELDS[name] : undefined) ?? attributeField(signal, name);
}

/** The same for numbers: `duration`, or an attribute. */
export function namedNumber(signal: SearchSignal, name: string): NumberField | undefined {
  return name === 'duration' && signal === 'traces' ? { type: 'duration' } : attributeField(signal, name);
}

function attributeField(
  signal: SearchSignal,
  name: string,
): Extract<NumberField, { readonly type: 'attribute' }> | undefined {
  const isAttribute = name.startsWith('@');
  const { owner, key } = attributeOf(signal, { text: isAttribute ? name.slice(1) : name, isAttribute });
  return owner === 'event' || key === '' ? undefined : { type: 'attribute', owner, key };
}
