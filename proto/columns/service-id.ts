import type { ServiceId, ServiceKey } from './batch.ts';

export function serviceIdOf(service: ServiceKey): ServiceId {
  return [service.environment, service.namespace, service.name]
    .map((part) => encodeURIComponent(part).replaceAll('~', '%7E'))
    .join('~') as ServiceId;
}

/** `undefined` when the text is not a service id. */
export function parseServiceId(text: string): ServiceKey | undefined {
  const parts = text.split('~');
  if (parts.length !== 3) return undefined;
  try {
    const [environment = '', namespace = '', name = ''] = parts.map(decodeURIComponent);
    return name === '' ? undefined : { namespace, name, environment };
  } catch {
    return undefined;
  }
}
