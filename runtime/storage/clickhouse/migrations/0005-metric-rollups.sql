-- Points of metrics by hour: a row a stream and hour, written over all segments once the hour is over (metric-rollups.ts).
-- Hour h has what came after its beginning, up to its end included, to the millisecond, as ranges of PromQL do:
-- (h · 3,600,000 ms, (h + 1) · 3,600,000 ms]. `segment` is the last one whose points a row counts.
--
-- Samples are points with a value, those of equal milliseconds once. minimum, maximum and total are of gauges and sums. The lists
-- hold the samples that rates need: the first, the last, and both at every fall of a counter; weights says how many
-- samples each stands for: itself and those left out before it. A histogram's sums are NaN where the sender has none.

CREATE TABLE IF NOT EXISTS metric_hours (
  hour UInt32 CODEC(Delta, LZ4),
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
PARTITION BY toMonday(day)
ORDER BY (metricName, serviceName, serviceNamespace, serviceEnvironment, hour)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 1024;

-- The last segment that brought points of an hour, written before its mark.
CREATE TABLE IF NOT EXISTS touched_hours (hour UInt32, segment UInt64, day Date)
ENGINE = ReplacingMergeTree(segment)
ORDER BY hour;

-- Up to which segment an hour is in metric_hours; written last. Rows there of another segment are not read.
CREATE TABLE IF NOT EXISTS rolled_hours (hour UInt32, segment UInt64, day Date)
ENGINE = ReplacingMergeTree(segment)
ORDER BY hour;

-- Of what was archived before these tables were there.
INSERT INTO touched_hours
SELECT toUInt32(intDiv(toInt64(intDiv(timeUnixNano, 1000000)) - 1, 3600000)) AS hour, max(segment), toDate(intDiv(hour, 24))
FROM metric_points
WHERE timeUnixNano >= 3600000000000 AND timeUnixNano < 5600000000000000000
GROUP BY hour;
