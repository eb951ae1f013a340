-- Spans as the OpenTelemetry ClickHouse exporter's table of this name has them.
CREATE OR REPLACE VIEW ${database}.otel_traces AS
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
  moment(startTimeUnixNano) AS Timestamp,
  if(traceId = toFixedString('', 16), '', lower(hex(traceId))) AS TraceId,
  if(spanId = toFixedString('', 8), '', lower(hex(spanId))) AS SpanId,
  if(parentSpanId = toFixedString('', 8), '', lower(hex(parentSpanId))) AS ParentSpanId,
  traceState AS TraceState,
  name AS SpanName,
  CAST(
    transform(
      kind,
      [1, 2, 3, 4, 5],
      ['Internal', 'Server', 'Client', 'Producer', 'Consumer'],
      'Unspecified'
    ),
    'LowCardinality(String)'
  ) AS SpanKind,
  serviceName AS ServiceName,
  attributeMap(dictGet('${database}.resource_entries', 'attributes', resource)) AS ResourceAttributes,
  dictGetString('${database}.scope_entries', 'name', scope) AS ScopeName,
  dictGetString('${database}.scope_entries', 'version', scope) AS ScopeVersion,
  attributeMap(attributes) AS SpanAttributes,
  toUInt64(greatest(durationNano, 0)) AS Duration,
  CAST(transform(statusCode, [1, 2], ['Ok', 'Error'], 'Unset'), 'LowCardinality(String)') AS StatusCode,
  statusMessage AS StatusMessage,
  arrayMap(nanos -> moment(nanos), `events.timeUnixNano`) AS `Events.Timestamp`,
  `events.name` AS `Events.Name`,
  arrayMap(ids -> attributeMap(ids), `events.attributes`) AS `Events.Attributes`,
  arrayMap(id -> lower(hex(id)), `links.traceId`) AS `Links.TraceId`,
  arrayMap(id -> lower(hex(id)), `links.spanId`) AS `Links.SpanId`,
  `links.traceState` AS `Links.TraceState`,
  arrayMap(ids -> attributeMap(ids), `links.attributes`) AS `Links.Attributes`
FROM ${database}.spans;
