import type { ApiAnswers } from '../../proto/api/index.ts';
import type { Platform } from '../platform/index.ts';
import { readApi } from './test-platform.ts';

const LONGEST_MS = 60_000;
const TRY_EVERY_MS = 1_000;

/**
 * Until log records of a service are counted by their patterns: threads load what they need when they are asked first, and on a busy machine
 * that takes longer than the watch waits for them, which then lets go of what had come.
 */
export async function warmPatterns(platform: Platform, service: string): Promise<void> {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }];
  for (const untilMs = Date.now() + LONGEST_MS; Date.now() < untilMs;) {
    const record = {
      timeUnixNano: `${Date.now()}000000`,
      severityNumber: 9,
      body: { stringValue: 'warming up' },
    };
    await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [record] }] }],
      }),
    });
    await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
    const { patterns } = await readApi<ApiAnswers['/api/v1/logs/patterns']>(
      platform,
      '/api/v1/logs/patterns',
    );
    if (patterns.some(({ template }) => template === 'warming up')) return;
  }
  throw new Error(`the pattern of records of ${service} was not known within ${LONGEST_MS / 1_000} s`);
}
