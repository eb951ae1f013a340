import { CHECKS } from './checks/index.ts';
import { LANE_KINDS, type LaneKind } from './lanes.ts';

/** All checks as a table of Markdown. */
export function conformanceTable(): string {
  const rows = CHECKS.map(
    ({ id, level, title, appliesTo }) => `| ${id} | ${level} | ${title} | ${coverageOf(appliesTo)} |`,
  );
  return ['| Row | Level | The receiver … | Over |', '|---|---|---|---|', ...rows].join('\n');
}

/** Engines are not named: every check of HTTP runs on each, save those about one of them. */
function coverageOf(appliesTo: (lane: LaneKind) => boolean): string {
  const names = LANE_KINDS.filter(appliesTo).map(({ door, encoding }) =>
    door === 'grpc' ? 'gRPC' : `HTTP ${encoding}`,
  );
  return [...new Set(names)].join(', ');
}
