-- Log records as the OpenTelemetry ClickHouse exporter's table of this name has them.
CREATE OR REPLACE VIEW ${database}.otel_logs AS
WITH
  (ids) -> CAST(
    mapFromArrays(
      arrayMap(id -> dictGetString('${database}.attribute_entries', 'key', id), ids),
      arrayMap(id -> dictGetString('${database}.attribute_entries', 'value', id), ids)
    ),
    'Map(LowCardinality(String), String)'
  ) AS attributeMap,
  nanos -> fromUnixTimestamp64Nano(toInt64(nanos), 'UTC') AS moment
SELECT
  moment(logTimeUnixNano) AS Timestamp,
  toDateTime(moment(logTimeUnixNano), 'UTC') AS TimestampTime,
  if(traceId = toFixedString('', 16), '', lower(hex(traceId))) AS TraceId,
  if(spanId = toFixedString('', 8), '', lower(hex(spanId))) AS SpanId,
  toUInt8(bitAnd(flags, 255)) AS TraceFlags,
  severityText AS SeverityText,
  severityNumber AS SeverityNumber,
  serviceName AS ServiceName,
  if(bodyKind = 2, bodyText, body) AS Body,
  dictGetString('${database}.resource_entries', 'schemaUrl', resource) AS ResourceSchemaUrl,
  attributeMap(dictGet('${database}.resource_entries', 'attributes', resource)) AS ResourceAttributes,
  dictGetString('${database}.scope_entries', 'schemaUrl', scope) AS ScopeSchemaUrl,
  dictGetString('${database}.scope_entries', 'name', scope) AS ScopeName,
  dictGetString('${database}.scope_entries', 'version', scope) AS ScopeVersion,
  attributeMap(dictGet('${database}.scope_entries', 'attributes', scope)) AS ScopeAttributes,
  attributeMap(attributes) AS LogAttributes,
  eventName AS EventName
FROM ${database}.logs;
