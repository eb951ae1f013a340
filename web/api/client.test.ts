import { describe, expect, it } from 'vitest';
import { urlOf } from '../../proto/api/index.ts';
import { shopId } from '../e2e/platform-data.ts';
import { traceQuery } from '../features/traces/search-query.ts';

describe('queries', () => {
  it('say in the URL what the form says', () => {
    const form = {
      service: shopId('cart'),
      operation: '',
      line: '"a b" -x:1',
      min: '1.5s',
      max: 'fast',
      status: 'error',
    };
    const url = urlOf({ path: '/api/v1/traces', query: traceQuery(form, { from: 'now-1h', to: 'now' }, 50) });
    expect(url).toBe(
      '/api/v1/traces?from=now-1h&to=now&service=production%7Eshop%7Ecart&q=%22a+b%22+-x%3A1&minDurationMs=1500&status=error&limit=50',
    );
    expect(urlOf({ path: '/api/v1/services/:service/operations', params: { service: 'a~b~c%2F' } })).toBe(
      '/api/v1/services/a~b~c%252F/operations',
    );
  });
});
