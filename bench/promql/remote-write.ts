import { BOUNDS, BUCKETS, bucketCount, SERIES_NAME, timeOf, type Workload } from './workload.ts';

/** Half an hour: what is older than an hour before the newest sample, Prometheus takes no more. */
const POINTS_A_REQUEST = 120;
const HISTOGRAMS_A_REQUEST = 50;

/** Writes the workload to Prometheus, oldest half hour first. */
export async function fillPrometheus(port: number, workload: Workload): Promise<void> {
  for (let from = 0; from < workload.points; from += POINTS_A_REQUEST) {
    const to = Math.min(workload.points, from + POINTS_A_REQUEST);
    for (let first = 0; first < workload.histograms; first += HISTOGRAMS_A_REQUEST) {
      const last = Math.min(workload.histograms, first + HISTOGRAMS_A_REQUEST);
      await post(port, writeRequest(workload, { first, last, from, to }));
    }
  }
}

async function post(port: number, request: Buffer): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: new Uint8Array(snappyLiteral(request)),
  });
  if (!response.ok) throw new Error(`Prometheus refused the workload: ${await response.text()}`);
}

interface Part {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

/** `prometheus.WriteRequest`. */
function writeRequest(workload: Workload, { first, last, from, to }: Part): Buffer {
  const series: Buffer[] = [];
  for (let histogram = first; histogram < last; histogram++) {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const labels = { __name__: SERIES_NAME, job: 'bench', le: leOf(bucket), route: `/route/${histogram}` };
      const parts = Object.entries(labels).map(([name, value]) =>
        field(1, Buffer.concat([text(1, name), text(2, value)])),
      );
      for (let point = from; point < to; point++) {
        let value = 0;
        for (let below = 0; below <= bucket; below++) value += bucketCount(histogram, below, point);
        parts.push(field(2, sample(value, timeOf(workload, point))));
      }
      series.push(field(1, Buffer.concat(parts)));
    }
  }
  return Buffer.concat(series);
}

const leOf = (bucket: number): string => (bucket === BUCKETS - 1 ? '+Inf' : String(BOUNDS[bucket]));

function sample(value: number, timeMs: number): Buffer {
  const double = Buffer.alloc(9);
  double[0] = (1 << 3) | 1;
  double.writeDoubleLE(value, 1);
  return Buffer.concat([double, Buffer.from([2 << 3]), varint(timeMs)]);
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** The block format of Snappy with one literal: nothing is compressed. */
function snappyLiteral(content: Buffer): Buffer {
  const tag = Buffer.alloc(5);
  tag[0] = 63 << 2;
  tag.writeUInt32LE(content.length - 1, 1);
  return Buffer.concat([varint(content.length), tag, content]);
}
