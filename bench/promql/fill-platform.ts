import { loadOtlpCodec } from '../../runtime/receivers/otlp/fixtures/index.ts';
import { archiveIsLevel } from '../platform/archive-level.ts';
import type { RunningPlatform } from '../platform/start-platform.ts';
import { BOUNDS, BUCKETS, bucketCount, METRIC, timeOf, type Workload } from './workload.ts';

/** Points of every histogram in one request. */
const POINTS_A_REQUEST = 10;

/** Sends the workload over OTLP and waits until all of it is in the archive. */
export async function fillPlatform({ ports }: RunningPlatform, workload: Workload): Promise<void> {
  const codec = await loadOtlpCodec();
  for (let from = 0; from < workload.points; from += POINTS_A_REQUEST) {
    const response = await fetch(`http://127.0.0.1:${ports.otlpHttp}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: codec.encodeRequest('metrics', requestJson(workload, from)),
    });
    if (!response.ok) throw new Error(`the platform refused the workload: ${await response.text()}`);
    await response.arrayBuffer();
  }
  await archiveIsLevel(ports.api);
}

function requestJson(workload: Workload, from: number): object {
  const to = Math.min(workload.points, from + POINTS_A_REQUEST);
  const dataPoints: object[] = [];
  for (let histogram = 0; histogram < workload.histograms; histogram++) {
    const attributes = [{ key: 'route', value: { stringValue: `/route/${histogram}` } }];
    for (let point = from; point < to; point++) {
      const counts = Array.from({ length: BUCKETS }, (_, bucket) => bucketCount(histogram, bucket, point));
      dataPoints.push({
        attributes,
        timeUnixNano: `${timeOf(workload, point)}000000`,
        count: String(counts.reduce((sum, count) => sum + count, 0)),
        bucketCounts: counts.map(String),
        explicitBounds: BOUNDS,
      });
    }
  }
  const metric = { name: METRIC, unit: 's', histogram: { aggregationTemporality: 2, dataPoints } };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bench' } }] };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] };
}
