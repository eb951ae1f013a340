import { describe, expect, it } from 'vitest';
import type { MetricJson } from '../../proto/api/index.ts';
import { saturatingMetrics, unlimitedMetrics } from './saturating-metrics.ts';

const gauge = (name: string, changes: Partial<MetricJson> = {}): MetricJson => ({
  ...{ name, description: '', unit: 'By', kind: 'gauge', temporality: 0, monotonic: false, metadata: [] },
  ...changes,
});
const found = (...names: string[]): string[] =>
  saturatingMetrics(names.map((name) => gauge(name))).map(
    ({ name, kind, limit, isAvailable }) =>
      `${kind}: ${isAvailable ? 'left of ' : ''}${name} / ${limit.type === 'metric' ? limit.name : limit.type}`,
  );

describe('what can be full', () => {
  it.each([
    [
      ['system.filesystem.usage', 'system.filesystem.limit'],
      'disk: system.filesystem.usage / system.filesystem.limit',
    ],
    [['system.filesystem.usage', 'system.filesystem.utilization'], 'disk: system.filesystem.usage / states'],
    [['system.memory.usage', 'system.memory.utilization'], 'memory: system.memory.usage / states'],
    [
      ['jvm.memory.used', 'jvm.memory.limit', 'jvm.memory.committed'],
      'memory: jvm.memory.used / jvm.memory.limit',
    ],
    [
      ['db.client.connection.count', 'db.client.connection.max'],
      'connections: db.client.connection.count / db.client.connection.max',
    ],
    [
      ['otelcol_exporter_queue_size', 'otelcol_exporter_queue_capacity'],
      'queue: otelcol_exporter_queue_size / otelcol_exporter_queue_capacity',
    ],
    [
      ['container.memory.usage.total', 'container.memory.usage.limit'],
      'memory: container.memory.usage.total / container.memory.usage.limit',
    ],
    [
      ['container.memory.usage', 'container.memory.limit'],
      'memory: container.memory.usage / container.memory.limit',
    ],
    [
      ['k8s.volume.available', 'k8s.volume.capacity'],
      'disk: left of k8s.volume.available / k8s.volume.capacity',
    ],
    [['k8s.container.memory_limit_utilization'], 'memory: k8s.container.memory_limit_utilization / whole'],
    [['system.cpu.utilization'], 'cpu: system.cpu.utilization / whole'],
    [['license.seats.used', 'license.seats.limit'], 'other: license.seats.used / license.seats.limit'],
  ])('%j', (names, expected) => {
    expect(found(...names)).toEqual([expected]);
  });

  it.each([
    [['db.client.connection.max']],
    [['system.memory.limit', 'process.memory.usage']],
    [['requests', 'utilization']],
  ])('is nothing of %j', (names) => {
    expect(found(...names)).toEqual([]);
  });

  it.each([
    [['db.client.connection.count'], ['db.client.connection.count']],
    [['db.client.connection.count', 'db.client.connection.max'], []],
    [['container.memory.usage', 'container.memory.utilization'], []],
    [['system.filesystem.usage'], []],
    [['worker.queue.size', 'worker.queue.age', 'orders.count'], ['worker.queue.size']],
  ])('has no limit that a metric says: of %j %j', (names, expected) => {
    expect(unlimitedMetrics(names.map((name) => gauge(name))).map(({ name }) => name)).toEqual(expected);
    expect(unlimitedMetrics(names.map((name) => gauge(name, { kind: 'sum', monotonic: true })))).toEqual([]);
  });

  it('is no counter, and no histogram', () => {
    const limit = gauge('disk.limit');
    const counter = gauge('disk.usage', { kind: 'sum', monotonic: true });
    expect(saturatingMetrics([limit, counter])).toEqual([]);
    expect(saturatingMetrics([limit, gauge('disk.usage', { kind: 'histogram' })])).toEqual([]);
    expect(saturatingMetrics([limit, gauge('disk.usage', { kind: 'sum' })])).toHaveLength(1);
  });
});
