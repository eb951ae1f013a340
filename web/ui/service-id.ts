/** `environment~namespace~name`, each percent-encoded, taken apart. An id of any other form is a name alone. */
export interface ServiceParts {
  readonly environment: string;
  readonly namespace: string;
  readonly name: string;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseServiceId(id: string): ServiceParts {
  const parts = id.split('~');
  if (parts.length !== 3) return { environment: '', namespace: '', name: decode(id) };
  const [environment = '', namespace = '', name = ''] = parts.map(decode);
  return { environment, namespace, name };
}

/** `shop/cart (production)`: what tells services of the same name apart. */
export function serviceLabel(id: string): string {
  const { environment, namespace, name } = parseServiceId(id);
  return (namespace && `${namespace}/`) + name + (environment && ` (${environment})`);
}

export const servicePath = (id: string): string => `/services/${encodeURIComponent(id)}`;

/** OPHION reports on itself under this name, through its own pipeline. */
export const isOwnService = (id: string): boolean => parseServiceId(id).name === 'ophion';
