import { describe, expect, it } from 'vitest';
import { lineOf, termOf, toggled, useOf } from './search-terms.ts';

describe('a term for one value', () => {
  it.each([
    ['level', 'info', 'level:info'],
    ['http.route', '/cart', 'http.route:/cart'],
    ['body', 'time out', 'body:"time out"'],
    ['body', 'say "no" \\ yes', 'body:"say \\"no\\" \\\\ yes"'],
    ['a key', '*', 'a\\ key:"*"'],
    ['name', 'OR', 'name:"OR"'],
    ['a:b', '-1', 'a\\:b:"-1"'],
    ['note', '', 'note:""'],
  ])('%s, %s', (field, value, term) => {
    expect(termOf(field, value)).toBe(term);
  });
});

describe('a line with a term', () => {
  it('gets it, loses it when asked again, and has it turned round', () => {
    expect(toggled('', 'level:info', 'included')).toBe('level:info');
    expect(toggled('timeout', 'level:info', 'excluded')).toBe('timeout -level:info');
    expect(toggled('timeout -level:info', 'level:info', 'excluded')).toBe('timeout');
    expect(toggled('timeout -level:info', 'level:info', 'included')).toBe('timeout level:info');
    expect(useOf('timeout -level:info', 'level:info')).toBe('excluded');
    expect(useOf('level:information', 'level:info')).toBe('unused');
  });

  it('keeps what an OR joins together', () => {
    expect(toggled('a OR b', 'level:info', 'included')).toBe('(a OR b) level:info');
  });
});

describe('a line with the filters of a form', () => {
  it('says them as terms', () => {
    const line = lineOf('a OR b', { service: 'prod~~cart', minSeverity: '13' });
    expect(line).toBe('service:cart -namespace:* environment:prod level>=13 (a OR b)');
    const spans = lineOf('', { operation: 'GET /', status: 'ok', min: '100ms', max: '2s' });
    expect(spans).toBe('name:"GET /" -status:error duration>=100ms duration<=2s');
  });
});
