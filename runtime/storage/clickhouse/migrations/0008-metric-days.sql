-- Which streams of metrics have points in a day of hours that are rolled up: a row a stream and day, for lists of series, which
-- need no more. Written with the hour (metric-rollups.ts). `segment` is the first one up to which an hour with the stream was
-- rolled up.
CREATE TABLE IF NOT EXISTS metric_days (
  day Date,
  segment SimpleAggregateFunction(min, UInt64),
  serviceNamespace LowCardinality(String),
  serviceName LowCardinality(String),
  serviceEnvironment LowCardinality(String),
  metricName LowCardinality(String),
  metric UInt64,
  metricKind UInt8,
  resource UInt64,
  scope UInt64,
  attributes Array(UInt64),
  explicitBounds Array(Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toMonday(day)
PRIMARY KEY (metricName, serviceName, serviceNamespace, serviceEnvironment)
ORDER BY (
  metricName, serviceName, serviceNamespace, serviceEnvironment, metric, metricKind, resource, scope, attributes,
  explicitBounds, day
)
SETTINGS index_granularity = 1024;

-- Whether the streams of an hour are in metric_days.
ALTER TABLE rolled_hours ADD COLUMN IF NOT EXISTS inDays UInt8 DEFAULT 0;
