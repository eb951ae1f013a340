import { expect, it } from 'vitest';
import { scoreGrouping } from './grouping-score.ts';

it('counts lines and groups that are exactly the true ones', () => {
  const truth = {
    events: ['A', 'A', 'B', 'B', 'C', 'D'],
    templates: ['a <*>', 'a <*>', 'b', 'b', 'c <*>', 'd'],
  };
  // A is found with its template, B in two parts, C with another template, D under another name with its template.
  const parsed = {
    groups: ['1', '1', '2', '3', '4', '5'],
    templates: ['a  <*>', 'a <*> ', 'b', 'b <*>', 'c x', 'd'],
  };
  const score = scoreGrouping(parsed, truth);
  expect(score.ga).toBeCloseTo(4 / 6, 12);
  expect(score.pa).toBeCloseTo(4 / 6, 12);
  // 5 groups found, 4 true, 3 alike, 2 of them with the template.
  expect(score.fga).toBeCloseTo((2 * 3) / 9, 12);
  expect(score.fta).toBeCloseTo((2 * 2) / 9, 12);
});

it('a group that holds two true ones counts for neither', () => {
  const truth = { events: ['A', 'B'], templates: ['a', 'b'] };
  expect(scoreGrouping({ groups: ['1', '1'], templates: ['a', 'a'] }, truth)).toEqual({
    ga: 0,
    fga: 0,
    pa: 0.5,
    fta: 0,
  });
});
