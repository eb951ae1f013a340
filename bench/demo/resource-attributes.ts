/** What a service of the shop says of itself. */
export function resourceAttributes(service: string, version: string, instance = 1): Record<string, string> {
  return {
    'service.name': service,
    'service.namespace': 'shop',
    'service.version': version,
    'service.instance.id': `${service}-${instance}`,
    'deployment.environment.name': 'demo',
    'cloud.region': 'eu-central-1',
  };
}
