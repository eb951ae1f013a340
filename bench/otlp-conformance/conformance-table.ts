import { CHECKS } from './checks/index.ts';
import { lanes, type Lane } from './lanes.ts';

/** All checks as a table of Markdown. */
export function conformanceTable(): string {
  const rows = CHECKS.map(
    ({ id, level, title, appliesTo }) => `| ${id} | ${level} | ${title} | ${coverageOf(appliesTo)} |`,
  );
  return ['| Row | Level | The receiver … | Over |', '|---|---|---|---|', ...rows].join('\n');
}

/** Engines are not named: every check of HTTP runs on each, save those about one of them. */
function coverageOf(appliesTo: (lane: Lane) => boolean): string {
  const all = lanes();
  const names = all
    .filter(appliesTo)
    .map(({ door, encoding }) => (door === 'grpc' ? 'gRPC' : `HTTP ${encoding}`));
  return [...new Set(names)].join(', ');
}
