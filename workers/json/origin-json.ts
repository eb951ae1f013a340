import type { MetricJson, OriginJson, ResourceJson, ScopeJson, ServiceJson } from '../../proto/api/index.ts';
import { serviceIdOf, type ServiceKey } from '../../proto/columns/index.ts';
import type { DictionaryReader, Metric, Resource, Scope } from '../columns/index.ts';
import { attributesJson } from './value-json.ts';

export function serviceJson(service: ServiceKey): ServiceJson {
  return { id: serviceIdOf(service), ...service };
}

export function resourceJson(resource: Resource): ResourceJson {
  return {
    attributes: attributesJson(resource.attributes),
    droppedAttributesCount: resource.droppedAttributesCount,
    schemaUrl: resource.schemaUrl,
  };
}

export function scopeJson(scope: Scope): ScopeJson {
  return {
    name: scope.name,
    version: scope.version,
    attributes: attributesJson(scope.attributes),
    droppedAttributesCount: scope.droppedAttributesCount,
    schemaUrl: scope.schemaUrl,
  };
}

export function metricJson(metric: Metric): MetricJson {
  return {
    name: metric.name,
    description: metric.description,
    unit: metric.unit,
    kind: metric.kind,
    temporality: metric.temporality,
    monotonic: metric.isMonotonic,
    metadata: attributesJson(metric.metadata),
  };
}

export function originJson(
  service: ServiceKey,
  dictionary: DictionaryReader,
  resource: number,
  scope: number,
): OriginJson {
  return {
    service: serviceJson(service),
    resource: resourceJson(dictionary.resource(resource)),
    scope: scopeJson(dictionary.scope(scope)),
  };
}
