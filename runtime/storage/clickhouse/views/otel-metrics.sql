-- Data points as the OpenTelemetry ClickHouse exporter's tables of these names have them.

CREATE OR REPLACE VIEW ${database}.otel_metrics_gauge AS
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
  attributeMap(dictGet('${database}.resource_entries', 'attributes', resource)) AS ResourceAttributes,
  dictGetString('${database}.resource_entries', 'schemaUrl', resource) AS ResourceSchemaUrl,
  dictGetString('${database}.scope_entries', 'name', scope) AS ScopeName,
  dictGetString('${database}.scope_entries', 'version', scope) AS ScopeVersion,
  attributeMap(dictGet('${database}.scope_entries', 'attributes', scope)) AS ScopeAttributes,
  dictGetUInt32('${database}.scope_entries', 'droppedAttributesCount', scope) AS ScopeDroppedAttrCount,
  dictGetString('${database}.scope_entries', 'schemaUrl', scope) AS ScopeSchemaUrl,
  serviceName AS ServiceName,
  metricName AS MetricName,
  dictGetString('${database}.metric_entries', 'description', metric) AS MetricDescription,
  dictGetString('${database}.metric_entries', 'unit', metric) AS MetricUnit,
  attributeMap(attributes) AS Attributes,
  moment(startTimeUnixNano) AS StartTimeUnix,
  moment(timeUnixNano) AS TimeUnix,
  if(valueKind = 2, toFloat64(intValue), doubleValue) AS Value,
  flags AS Flags,
  arrayMap(ids -> attributeMap(ids), `exemplars.filteredAttributes`) AS `Exemplars.FilteredAttributes`,
  arrayMap(nanos -> moment(nanos), `exemplars.timeUnixNano`) AS `Exemplars.TimeUnix`,
  arrayMap(
    (kind, double, int) -> if(kind = 2, toFloat64(int), double),
    `exemplars.valueKind`,
    `exemplars.doubleValue`,
    `exemplars.intValue`
  ) AS `Exemplars.Value`,
  arrayMap(id -> if(id = toFixedString('', 8), '', lower(hex(id))), `exemplars.spanId`) AS `Exemplars.SpanId`,
  arrayMap(id -> if(id = toFixedString('', 16), '', lower(hex(id))), `exemplars.traceId`) AS `Exemplars.TraceId`
FROM ${database}.metric_points
WHERE metricKind = 5;

CREATE OR REPLACE VIEW ${database}.otel_metrics_sum AS
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
  attributeMap(dictGet('${database}.resource_entries', 'attributes', resource)) AS ResourceAttributes,
  dictGetString('${database}.resource_entries', 'schemaUrl', resource) AS ResourceSchemaUrl,
  dictGetString('${database}.scope_entries', 'name', scope) AS ScopeName,
  dictGetString('${database}.scope_entries', 'version', scope) AS ScopeVersion,
  attributeMap(dictGet('${database}.scope_entries', 'attributes', scope)) AS ScopeAttributes,
  dictGetUInt32('${database}.scope_entries', 'droppedAttributesCount', scope) AS ScopeDroppedAttrCount,
  dictGetString('${database}.scope_entries', 'schemaUrl', scope) AS ScopeSchemaUrl,
  serviceName AS ServiceName,
  metricName AS MetricName,
  dictGetString('${database}.metric_entries', 'description', metric) AS MetricDescription,
  dictGetString('${database}.metric_entries', 'unit', metric) AS MetricUnit,
  attributeMap(attributes) AS Attributes,
  moment(startTimeUnixNano) AS StartTimeUnix,
  moment(timeUnixNano) AS TimeUnix,
  if(valueKind = 2, toFloat64(intValue), doubleValue) AS Value,
  flags AS Flags,
  arrayMap(ids -> attributeMap(ids), `exemplars.filteredAttributes`) AS `Exemplars.FilteredAttributes`,
  arrayMap(nanos -> moment(nanos), `exemplars.timeUnixNano`) AS `Exemplars.TimeUnix`,
  arrayMap(
    (kind, double, int) -> if(kind = 2, toFloat64(int), double),
    `exemplars.valueKind`,
    `exemplars.doubleValue`,
    `exemplars.intValue`
  ) AS `Exemplars.Value`,
  arrayMap(id -> if(id = toFixedString('', 8), '', lower(hex(id))), `exemplars.spanId`) AS `Exemplars.SpanId`,
  arrayMap(id -> if(id = toFixedString('', 16), '', lower(hex(id))), `exemplars.traceId`) AS `Exemplars.TraceId`,
  dictGetInt32('${database}.metric_entries', 'temporality', metric) AS AggregationTemporality,
  dictGetUInt8('${database}.metric_entries', 'isMonotonic', metric) = 1 AS IsMonotonic
FROM ${database}.metric_points
WHERE metricKind = 7;

CREATE OR REPLACE VIEW ${database}.otel_metrics_histogram AS
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
  attributeMap(dictGet('${database}.resource_entries', 'attributes', resource)) AS ResourceAttributes,
  dictGetString('${database}.resource_entries', 'schemaUrl', resource) AS ResourceSchemaUrl,
  dictGetString('${database}.scope_entries', 'name', scope) AS ScopeName,
  dictGetString('${database}.scope_entries', 'version', scope) AS ScopeVersion,
  attributeMap(dictGet('${database}.scope_entries', 'attributes', scope)) AS ScopeAttributes,
  dictGetUInt32('${database}.scope_entries', 'droppedAttributesCount', scope) AS ScopeDroppedAttrCount,
  dictGetString('${database}.scope_entries', 'schemaUrl', scope) AS ScopeSchemaUrl,
  serviceName AS ServiceName,
  metricName AS MetricName,
  dictGetString('${database}.metric_entries', 'description', metric) AS MetricDescription,
  dictGetString('${database}.metric_entries', 'unit', metric) AS MetricUnit,
  attributeMap(attributes) AS Attributes,
  moment(startTimeUnixNano) AS StartTimeUnix,
  moment(timeUnixNano) AS TimeUnix,
  count AS Count,
  sum AS Sum,
  bucketCounts AS BucketCounts,
  explicitBounds AS ExplicitBounds,
  arrayMap(ids -> attributeMap(ids), `exemplars.filteredAttributes`) AS `Exemplars.FilteredAttributes`,
  arrayMap(nanos -> moment(nanos), `exemplars.timeUnixNano`) AS `Exemplars.TimeUnix`,
  arrayMap(
    (kind, double, int) -> if(kind = 2, toFloat64(int), double),
    `exemplars.valueKind`,
    `exemplars.doubleValue`,
    `exemplars.intValue`
  ) AS `Exemplars.Value`,
  arrayMap(id -> if(id = toFixedString('', 8), '', lower(hex(id))), `exemplars.spanId`) AS `Exemplars.SpanId`,
  arrayMap(id -> if(id = toFixedString('', 16), '', lower(hex(id))), `exemplars.traceId`) AS `Exemplars.TraceId`,
  flags AS Flags,
  min AS Min,
  max AS Max,
  dictGetInt32('${database}.metric_entries', 'temporality', metric) AS AggregationTemporality
FROM ${database}.metric_points
WHERE metricKind = 9;

CREATE OR REPLACE VIEW ${database}.otel_metrics_exponential_histogram AS
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
  attributeMap(dictGet('${database}.resource_entries', 'attributes', resource)) AS ResourceAttributes,
  dictGetString('${database}.resource_entries', 'schemaUrl', resource) AS ResourceSchemaUrl,
  dictGetString('${database}.scope_entries', 'name', scope) AS ScopeName,
  dictGetString('${database}.scope_entries', 'version', scope) AS ScopeVersion,
  attributeMap(dictGet('${database}.scope_entries', 'attributes', scope)) AS ScopeAttributes,
  dictGetUInt32('${database}.scope_entries', 'droppedAttributesCount', scope) AS ScopeDroppedAttrCount,
  dictGetString('${database}.scope_entries', 'schemaUrl', scope) AS ScopeSchemaUrl,
  serviceName AS ServiceName,
  metricName AS MetricName,
  dictGetString('${database}.metric_entries', 'description', metric) AS MetricDescription,
  dictGetString('${database}.metric_entries', 'unit', metric) AS MetricUnit,
  attributeMap(attributes) AS Attributes,
  moment(startTimeUnixNano) AS StartTimeUnix,
  moment(timeUnixNano) AS TimeUnix,
  count AS Count,
  sum AS Sum,
  scale AS Scale,
  zeroCount AS ZeroCount,
  positiveOffset AS PositiveOffset,
  positiveCounts AS PositiveBucketCounts,
  negativeOffset AS NegativeOffset,
  negativeCounts AS NegativeBucketCounts,
  arrayMap(ids -> attributeMap(ids), `exemplars.filteredAttributes`) AS `Exemplars.FilteredAttributes`,
  arrayMap(nanos -> moment(nanos), `exemplars.timeUnixNano`) AS `Exemplars.TimeUnix`,
  arrayMap(
    (kind, double, int) -> if(kind = 2, toFloat64(int), double),
    `exemplars.valueKind`,
    `exemplars.doubleValue`,
    `exemplars.intValue`
  ) AS `Exemplars.Value`,
  arrayMap(id -> if(id = toFixedString('', 8), '', lower(hex(id))), `exemplars.spanId`) AS `Exemplars.SpanId`,
  arrayMap(id -> if(id = toFixedString('', 16), '', lower(hex(id))), `exemplars.traceId`) AS `Exemplars.TraceId`,
  flags AS Flags,
  min AS Min,
  max AS Max,
  dictGetInt32('${database}.metric_entries', 'temporality', metric) AS AggregationTemporality
FROM ${database}.metric_points
WHERE metricKind = 10;

CREATE OR REPLACE VIEW ${database}.otel_metrics_summary AS
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
  attributeMap(dictGet('${database}.resource_entries', 'attributes', resource)) AS ResourceAttributes,
  dictGetString('${database}.resource_entries', 'schemaUrl', resource) AS ResourceSchemaUrl,
  dictGetString('${database}.scope_entries', 'name', scope) AS ScopeName,
  dictGetString('${database}.scope_entries', 'version', scope) AS ScopeVersion,
  attributeMap(dictGet('${database}.scope_entries', 'attributes', scope)) AS ScopeAttributes,
  dictGetUInt32('${database}.scope_entries', 'droppedAttributesCount', scope) AS ScopeDroppedAttrCount,
  dictGetString('${database}.scope_entries', 'schemaUrl', scope) AS ScopeSchemaUrl,
  serviceName AS ServiceName,
  metricName AS MetricName,
  dictGetString('${database}.metric_entries', 'description', metric) AS MetricDescription,
  dictGetString('${database}.metric_entries', 'unit', metric) AS MetricUnit,
  attributeMap(attributes) AS Attributes,
  moment(startTimeUnixNano) AS StartTimeUnix,
  moment(timeUnixNano) AS TimeUnix,
  count AS Count,
  sum AS Sum,
  `quantiles.quantile` AS `ValueAtQuantiles.Quantile`,
  `quantiles.value` AS `ValueAtQuantiles.Value`,
  flags AS Flags
FROM ${database}.metric_points
WHERE metricKind = 11;
