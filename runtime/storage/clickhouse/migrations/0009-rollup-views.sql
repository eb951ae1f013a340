-- Longer levels are kept by views: each takes what is inserted into the level below it, within that insert and under its token.

-- What a process that was killed wrote of a segment without its mark, by statements that had tokens of their own. When the segment
-- comes again, the views write it again.
ALTER TABLE red_1h DELETE WHERE segment > (SELECT max(number) FROM segments) SETTINGS mutations_sync = 1;
ALTER TABLE service_red_1m DELETE WHERE segment > (SELECT max(number) FROM segments) SETTINGS mutations_sync = 1;
ALTER TABLE service_red_1h DELETE WHERE segment > (SELECT max(number) FROM segments) SETTINGS mutations_sync = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS red_1m_to_1h TO red_1h AS
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind, intDiv(red_1m.second, 3600) * 3600 AS second,
  sum(red_1m.spans) AS spans, sum(red_1m.requests) AS requests, sum(red_1m.errors) AS errors,
  sumMap(red_1m.buckets, red_1m.counts).1 AS buckets, sumMap(red_1m.buckets, red_1m.counts).2 AS counts
FROM red_1m
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, name, kind, second;

CREATE MATERIALIZED VIEW IF NOT EXISTS service_red_1s_to_1m TO service_red_1m AS
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, intDiv(service_red_1s.second, 60) * 60 AS second,
  sum(service_red_1s.spans) AS spans, sum(service_red_1s.requests) AS requests, sum(service_red_1s.errors) AS errors,
  sumMap(service_red_1s.buckets, service_red_1s.counts).1 AS buckets,
  sumMap(service_red_1s.buckets, service_red_1s.counts).2 AS counts
FROM service_red_1s
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, second;

CREATE MATERIALIZED VIEW IF NOT EXISTS service_red_1m_to_1h TO service_red_1h AS
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, intDiv(service_red_1m.second, 3600) * 3600 AS second,
  sum(service_red_1m.spans) AS spans, sum(service_red_1m.requests) AS requests, sum(service_red_1m.errors) AS errors,
  sumMap(service_red_1m.buckets, service_red_1m.counts).1 AS buckets,
  sumMap(service_red_1m.buckets, service_red_1m.counts).2 AS counts
FROM service_red_1m
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, second;

CREATE MATERIALIZED VIEW IF NOT EXISTS metric_hours_to_days TO metric_days AS
SELECT DISTINCT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, metricName, metric, metricKind, resource, scope, attributes,
  explicitBounds
FROM metric_hours;
