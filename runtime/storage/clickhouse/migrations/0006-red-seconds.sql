-- Requests, errors and durations by service and second: see rollups.ts.
CREATE TABLE IF NOT EXISTS service_red_1s AS service_red_1m;

-- Of what was archived before it was there. Emptied first: a migration that was cut short begins anew.
TRUNCATE TABLE service_red_1s;

INSERT INTO service_red_1s
SELECT
  segment, day, serviceNamespace, serviceName, serviceEnvironment, second,
  sum(found), sumIf(found, isRequest), sumIf(failed, isRequest),
  groupArrayIf(bucket, isRequest), groupArrayIf(found, isRequest)
FROM (
  SELECT
    segment, day, serviceNamespace, serviceName, serviceEnvironment,
    intDiv(startTimeUnixNano, 1000000000) AS second,
    kind IN (2, 5) OR parentSpanId = toFixedString('', 8) AS isRequest,
    toUInt32(if(NOT isRequest OR durationNano <= 1, 0, least(2207, ceil(log(durationNano) / log(1.02))))) AS bucket,
    count() AS found,
    countIf(statusCode = 2) AS failed
  FROM spans
  WHERE segment <= (SELECT max(number) FROM segments)
  GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, second, isRequest, bucket
)
GROUP BY segment, day, serviceNamespace, serviceName, serviceEnvironment, second;
