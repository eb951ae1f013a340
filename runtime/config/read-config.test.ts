import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configFrom, readConfig } from './read-config.ts';

const from = (environment: Record<string, string>, file: Record<string, unknown> = {}) =>
  configFrom(environment, file, 'ophion.yaml');

describe('configFrom', () => {
  it('has a default for everything', () => {
    expect(from({})).toMatchObject({
      host: '127.0.0.1',
      apiPort: 8080,
      otlpMaxRequestBytes: 64 * 2 ** 20,
      windowMaxBytes: 2 ** 30,
      otlpCorsOrigins: [],
      clickhouseUrl: undefined,
    });
  });

  it('takes the environment before the file, and an empty variable as none', () => {
    const file = { apiPort: 9000, dashboardPort: 9001, otlpCorsOrigins: ['https://a.example'] };
    expect(from({ OPHION_API_PORT: '9100', OPHION_DASHBOARD_PORT: '' }, file)).toMatchObject({
      apiPort: 9100,
      dashboardPort: 9001,
      otlpCorsOrigins: ['https://a.example'],
    });
  });

  it.each([
    [{ OPHION_API_PORT: 'eighty' }, 'OPHION_API_PORT is "eighty": expected a whole number from 0 to 65535'],
    [{ OPHION_API_PORT: '70000' }, 'OPHION_API_PORT is "70000": expected a whole number from 0 to 65535'],
    [{ OPHION_WINDOW_MAX_BYTES: '1 gig' }, 'expected a size such as 512MiB'],
    [{ OPHION_CLICKHOUSE_URL: 'ch:9000' }, 'expected a URL that starts with http://'],
    [{ OPHION_JOURNAL_MODE: 'never' }, 'expected fsync, os or off'],
  ])('names what is wrong with %o', (environment, message) => {
    expect(() => from(environment)).toThrow(message);
  });

  it.each([
    [{ apiPort: true }, 'apiPort in ophion.yaml is true: expected a whole number'],
    [{ apiPort: [] }, 'expected a whole number from 0 to 65535'],
    [{ apiPort: [8_080] }, 'expected a whole number from 0 to 65535'],
    [{ apiPort: ' ' }, 'expected a whole number from 0 to 65535'],
    [{ shadowQueryShare: false }, 'expected a number from 0 to 1'],
    [{ windowMaxBytes: [1_048_576] }, 'expected a size such as 512MiB'],
    [{ host: 5 }, 'host in ophion.yaml is 5: expected an address such as 127.0.0.1, in quotes'],
    [{ host: '' }, 'host in ophion.yaml is "": expected an address'],
    [{ dataDir: ['data'] }, 'expected a directory'],
    [{ tlsCertFile: true }, 'expected the path of a file'],
    [{ otlpCorsOrigins: { a: 1 } }, 'expected a list of texts'],
    [{ otlpCorsOrigins: [1] }, 'expected a list of texts'],
    [{ clickhouseUrl: 8_123 }, 'expected a URL that starts with http://'],
    [{ clickhouseDatabase: 1 }, 'expected letters, digits and _'],
    [
      { clickhousePassword: 5 },
      'clickhousePassword in ophion.yaml is (not shown): expected a password, in quotes',
    ],
    [{ secretKey: 5 }, 'secretKey in ophion.yaml is (not shown): expected 64 hexadecimal digits'],
    [{ journalMode: false }, 'journalMode in ophion.yaml is false: expected fsync, os or off'],
  ])('takes no value of another type than %o should have', (file, message) => {
    expect(() => from({}, file)).toThrow(message);
  });

  it('never shows a secret', () => {
    const attempt = (): unknown => from({ OPHION_POSTGRES_URL: 'mysql://root:hunter2@db' });
    expect(attempt).toThrow(
      'OPHION_POSTGRES_URL is (not shown): expected a URL that starts with postgres://',
    );
    expect(attempt).not.toThrow('hunter2');
    const clickhouse = (): unknown => from({ OPHION_CLICKHOUSE_URL: 'ftp://root:hunter2@db' });
    expect(clickhouse).toThrow('OPHION_CLICKHOUSE_URL is (not shown)');
  });

  it('leaves user and password of ClickHouse to its URL when they are not set', () => {
    expect(from({})).toMatchObject({ clickhouseUser: undefined, clickhousePassword: undefined });
  });

  it('names a key of the file that is no setting', () => {
    expect(() => from({}, { apiport: 1 })).toThrow('ophion.yaml has "apiport", which is no setting');
    expect(() => from({}, { constructor: 1 })).toThrow('"constructor", which is no setting');
    expect(() => from({}, { apiPort: 'x' })).toThrow('apiPort in ophion.yaml is "x"');
  });
});

describe('readConfig', () => {
  it('takes an empty name of the file for none', async () => {
    await expect(readConfig({ OPHION_CONFIG: '' })).resolves.toMatchObject({ windowMinutes: 15 });
  });

  it('reads the named file and says when it is missing or no YAML', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ophion-config-'));
    const path = join(folder, 'some.yaml');
    await expect(readConfig({ OPHION_CONFIG: path })).rejects.toThrow(`${path} cannot be read`);
    await writeFile(path, 'apiPort: [1');
    await expect(readConfig({ OPHION_CONFIG: path })).rejects.toThrow('is not YAML');
    await writeFile(path, '- 1\n');
    await expect(readConfig({ OPHION_CONFIG: path })).rejects.toThrow('holds a list');
    await writeFile(path, 'apiPort: 1234\nwindowMaxBytes: 2GiB\n');
    await expect(readConfig({ OPHION_CONFIG: path })).resolves.toMatchObject({
      apiPort: 1234,
      windowMaxBytes: 2 ** 31,
    });
  });
});
