-- Requests, errors and durations by service, operation and kind (red_*) and by service (service_red_*), a row a segment and
-- minute or hour of span starts; `second` is when that begins. The archive writes them from the rows of each segment: see
-- rollups.ts. buckets and counts are those of requests: see DURATION_GAMMA for what a bucket is.

CREATE TABLE IF NOT EXISTS red_1m (
  segment UInt64,
  day Date,
  serviceNamespace LowCardinality(String),
  serviceName LowCardinality(String),
  serviceEnvironment LowCardinality(String),
  name LowCardinality(String),
  kind UInt8,
  second UInt64 CODEC(Delta, LZ4),
  spans UInt64,
  requests UInt64,
  errors UInt64,
  buckets Array(UInt32),
  counts Array(UInt64),
  INDEX segments segment TYPE minmax
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (serviceName, serviceNamespace, serviceEnvironment, second)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS red_1h AS red_1m;

CREATE TABLE IF NOT EXISTS service_red_1m (
  segment UInt64,
  day Date,
  serviceNamespace LowCardinality(String),
  serviceName LowCardinality(String),
  serviceEnvironment LowCardinality(String),
  second UInt64 CODEC(Delta, LZ4),
  spans UInt64,
  requests UInt64,
  errors UInt64,
  buckets Array(UInt32),
  counts Array(UInt64),
  INDEX segments segment TYPE minmax
)
ENGINE = MergeTree
PARTITION BY day
ORDER BY (second, serviceName)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS service_red_1h AS service_red_1m;

-- Of what was archived before these tables were there. Emptied first: a migration that was cut short begins anew.
TRUNCATE TABLE red_1m;
TRUNCATE TABLE red_1h;
TRUNCATE TABLE service_red_1m;
TRUNCATE TABLE service_red_1h;

INSERT INTO red_1m
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind, minute,
  sum(found), sumIf(found, isRequest), sumIf(failed, isRequest),
  groupArrayIf(bucket, isRequest), groupArrayIf(found, isRequest)
FROM (
  SELECT
    segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind,
    intDiv(startTimeUnixNano, 60000000000) * 60 AS minute,
    kind IN (2, 5) OR parentSpanId = toFixedString('', 8) AS isRequest,
    toUInt32(if(NOT isRequest OR durationNano <= 1, 0, least(2207, ceil(log(durationNano) / log(1.02))))) AS bucket,
    count() AS found,
    countIf(statusCode = 2) AS failed
  FROM spans
  WHERE segment <= (SELECT max(number) FROM segments)
  GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind, minute, isRequest, bucket
)
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind, minute;

INSERT INTO red_1h
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind, intDiv(second, 3600) * 3600 AS hour,
  sum(spans), sum(requests), sum(errors), sumMap(buckets, counts).1, sumMap(buckets, counts).2
FROM red_1m
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind, hour;

INSERT INTO service_red_1m
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, second,
  sum(spans), sum(requests), sum(errors), sumMap(buckets, counts).1, sumMap(buckets, counts).2
FROM red_1m
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, second;

INSERT INTO service_red_1h
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, second,
  sum(spans), sum(requests), sum(errors), sumMap(buckets, counts).1, sumMap(buckets, counts).2
FROM red_1h
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, second;
