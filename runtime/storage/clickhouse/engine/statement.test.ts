import { describe, expect, it } from 'vitest';

import { BadRequest, isNativeInsert, nativeInsertStatement, textStatement } from './statement.ts';

const url = (parameters: Record<string, string>): URLSearchParams => new URLSearchParams(parameters);

describe('textStatement', () => {
  it('puts database, settings and parameters before the query, and leaves out what only HTTP knows', () => {
    const parameters = url({
      database: 'a`b',
      query_id: '1',
      wait_end_of_query: '1',
      max_threads: '2',
      param_text: `it's \\n`,
    });
    expect(textStatement(parameters, 'SELECT 1', { max_execution_time: '9' })).toEqual({
      sql: "USE `a\\`b`; SET max_execution_time = '9', max_threads = '2', param_text = 'it\\'s \\\\n'; SELECT 1",
      format: 'TabSeparated',
    });
  });

  it('lets a request override a default', () => {
    const { sql } = textStatement(url({ max_threads: '2' }), 'SELECT 1', { max_threads: '1' });
    expect(sql).toBe("SET max_threads = '2'; SELECT 1");
  });

  it.each(['a b', '1a', 'a;b', "a'"])('refuses a setting named %j', (name) => {
    expect(() => textStatement(url({ [name]: '1' }), 'SELECT 1', {})).toThrow(BadRequest);
  });
});

describe('isNativeInsert', () => {
  it.each(['INSERT INTO t FORMAT Native', ' insert into `a`.b (`c.d`, e) format native \n'])(
    'knows %j',
    (query) => {
      expect(isNativeInsert(query)).toBe(true);
    },
  );

  it.each([
    'INSERT INTO t FORMAT JSONEachRow',
    'INSERT INTO t SELECT 1 FORMAT Native2',
    'SELECT 1 FORMAT Native',
  ])('leaves %j alone', (query) => {
    expect(isNativeInsert(query)).toBe(false);
  });

  it('reads the body from a file, as one block', () => {
    const parameters = url({ query: 'INSERT INTO t (a, `b.c`) FORMAT Native', max_threads: '8' });
    const { sql } = nativeInsertStatement(parameters, "/it's/here", {});
    expect(sql).toBe(
      "SET max_threads = '8', max_insert_threads = '1'; INSERT INTO t (a, `b.c`) SELECT * FROM file('/it\\'s/here', 'Native')",
    );
  });
});
