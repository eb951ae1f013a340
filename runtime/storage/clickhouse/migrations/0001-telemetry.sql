-- One row a span, log record or data point. Columns are those of proto/columns/signals.ts, and besides them:
-- segment (a read takes segments up to one number), day (when it came; retention drops whole days), and the service.
-- Attributes, resources, scopes and metrics are ids: the first eight bytes of the SHA-256 of the entry's wire bytes.

CREATE TABLE IF NOT EXISTS spans (
  segment UInt64,
  day Date,
  serviceNamespace LowCardinality(String),
  serviceName LowCardinality(String),
  serviceEnvironment LowCardinality(String),
  traceId FixedString(16) CODEC(NONE),
  spanId FixedString(8) CODEC(NONE),
  parentSpanId FixedString(8) CODEC(NONE),
  startTimeUnixNano UInt64 CODEC(Delta, LZ4),
  durationNano Int64,
  name LowCardinality(String),
  kind UInt8,
  statusCode UInt8,
  statusMessage String,
  traceState String,
  flags UInt32,
  resource UInt64,
  scope UInt64,
  attributes Array(UInt64),
  droppedAttributesCount UInt32,
  `events.timeUnixNano` Array(UInt64),
  `events.name` Array(LowCardinality(String)),
  `events.attributes` Array(Array(UInt64)),
  `events.droppedAttributesCount` Array(UInt32),
  droppedEventsCount UInt32,
  `links.traceId` Array(FixedString(16)),
  `links.spanId` Array(FixedString(8)),
  `links.traceState` Array(String),
  `links.attributes` Array(Array(UInt64)),
  `links.droppedAttributesCount` Array(UInt32),
  `links.flags` Array(UInt32),
  droppedLinksCount UInt32,
  INDEX startTimes startTimeUnixNano TYPE minmax,
  INDEX segments segment TYPE minmax
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (serviceName, serviceNamespace, serviceEnvironment, startTimeUnixNano)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS logs (
  segment UInt64,
  day Date,
  serviceNamespace LowCardinality(String),
  serviceName LowCardinality(String),
  serviceEnvironment LowCardinality(String),
  timeUnixNano UInt64 CODEC(Delta, LZ4),
  observedTimeUnixNano UInt64 CODEC(Delta, LZ4),
  logTimeUnixNano UInt64 MATERIALIZED if(timeUnixNano = 0, observedTimeUnixNano, timeUnixNano) CODEC(Delta, LZ4),
  severityNumber UInt8,
  severityText LowCardinality(String),
  bodyKind UInt8,
  body String,
  bodyText String,
  eventName LowCardinality(String),
  traceId FixedString(16),
  spanId FixedString(8),
  flags UInt32,
  resource UInt64,
  scope UInt64,
  attributes Array(UInt64),
  droppedAttributesCount UInt32,
  INDEX logTimes logTimeUnixNano TYPE minmax,
  INDEX segments segment TYPE minmax
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (serviceName, serviceNamespace, serviceEnvironment, logTimeUnixNano)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS metric_points (
  segment UInt64,
  day Date,
  serviceNamespace LowCardinality(String),
  serviceName LowCardinality(String),
  serviceEnvironment LowCardinality(String),
  metricName LowCardinality(String),
  metric UInt64,
  metricKind UInt8,
  startTimeUnixNano UInt64,
  timeUnixNano UInt64 CODEC(Delta, LZ4),
  flags UInt32,
  resource UInt64,
  scope UInt64,
  attributes Array(UInt64),
  valueKind UInt8,
  doubleValue Float64,
  intValue Int64,
  count UInt64,
  sum Float64,
  presence UInt8,
  min Float64,
  max Float64,
  bucketCounts Array(UInt64),
  explicitBounds Array(Float64),
  scale Int32,
  zeroCount UInt64,
  zeroThreshold Float64,
  positiveOffset Int32,
  positiveCounts Array(UInt64),
  negativeOffset Int32,
  negativeCounts Array(UInt64),
  `quantiles.quantile` Array(Float64),
  `quantiles.value` Array(Float64),
  `exemplars.timeUnixNano` Array(UInt64),
  `exemplars.valueKind` Array(UInt8),
  `exemplars.doubleValue` Array(Float64),
  `exemplars.intValue` Array(Int64),
  `exemplars.traceId` Array(FixedString(16)),
  `exemplars.spanId` Array(FixedString(8)),
  `exemplars.filteredAttributes` Array(Array(UInt64)),
  INDEX times timeUnixNano TYPE minmax,
  INDEX segments segment TYPE minmax
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (metricName, serviceName, serviceNamespace, serviceEnvironment, timeUnixNano)
SETTINGS non_replicated_deduplication_window = 10000;

-- Where the spans of a trace are: which services, from when to when. One row a trace and segment.
CREATE TABLE IF NOT EXISTS trace_index (
  segment UInt64,
  day Date,
  traceId FixedString(16) CODEC(NONE),
  services Array(LowCardinality(String)),
  firstStartUnixNano UInt64,
  lastStartUnixNano UInt64
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY traceId
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 1024;

-- Entries by id. Written before the rows that need them, and again on every day they are used, so that they outlive
-- those rows.

CREATE TABLE IF NOT EXISTS attributes (
  id UInt64 CODEC(NONE),
  key LowCardinality(String),
  type UInt8,
  value String,
  bytes String,
  seen Date
)
ENGINE = ReplacingMergeTree(seen)
ORDER BY id
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS resources (
  id UInt64,
  attributes Array(UInt64),
  droppedAttributesCount UInt32,
  schemaUrl String,
  bytes String,
  seen Date
)
ENGINE = ReplacingMergeTree(seen)
ORDER BY id;

CREATE TABLE IF NOT EXISTS scopes (
  id UInt64,
  name String,
  version String,
  attributes Array(UInt64),
  droppedAttributesCount UInt32,
  schemaUrl String,
  bytes String,
  seen Date
)
ENGINE = ReplacingMergeTree(seen)
ORDER BY id;

CREATE TABLE IF NOT EXISTS metrics (
  id UInt64,
  name String,
  description String,
  unit String,
  kind String,
  temporality Int32,
  isMonotonic UInt8,
  metadata Array(UInt64),
  bytes String,
  seen Date
)
ENGINE = ReplacingMergeTree(seen)
ORDER BY id;

-- Segments that are completely archived; the mark is written last. Only the highest matters and lasts.
CREATE TABLE IF NOT EXISTS segments (number UInt64)
ENGINE = ReplacingMergeTree(number)
ORDER BY tuple();
