-- The same as metric_hours by slots of five minutes, where streams have points enough (metric-rollups.ts): slot s has
-- (s · 300,000 ms, (s + 1) · 300,000 ms].
CREATE TABLE IF NOT EXISTS metric_slots (
  slot UInt32 CODEC(Delta, LZ4),
  segment UInt64,
  day Date,
  serviceNamespace LowCardinality(String),
  serviceName LowCardinality(String),
  serviceEnvironment LowCardinality(String),
  metricName LowCardinality(String),
  metric UInt64,
  metricKind UInt8,
  resource UInt64,
  scope UInt64,
  attributes Array(UInt64),
  explicitBounds Array(Float64),
  samples UInt32,
  minimum Float64,
  maximum Float64,
  total Float64,
  timesMs Array(UInt64),
  values Array(Float64),
  counts Array(UInt64),
  sums Array(Float64),
  buckets Array(UInt64),
  bucketLengths Array(UInt32),
  weights Array(UInt32)
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (metricName, serviceName, serviceNamespace, serviceEnvironment, slot)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 1024;

-- Whether the slots of an hour were written up to the same segment.
ALTER TABLE rolled_hours ADD COLUMN IF NOT EXISTS hasSlots UInt8 DEFAULT 0;
