import { flag, text, readOptions } from '../read-options.ts';
import { CHECKS } from './checks/index.ts';
import { conformanceTable } from './conformance-table.ts';
import { inflateCost } from './inflate-cost.ts';
import { lanes } from './lanes.ts';
import { runCheck } from './run-checks.ts';

interface Row {
  readonly id: string;
  readonly level: string;
  readonly requirement: string;
  readonly over: string;
  readonly passed: boolean;
  /** What was not as it should be. */
  readonly reason?: string;
}

/**
 * Each row of the OTLP table against a receiver of its own, over real sockets, with the real decoder and a journal on
 * disk. `--only R2` runs one row, `--inflate` measures decompression instead, `--table` prints the Markdown table.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    only: text('ROW', 'the row of the table to try, such as R7'),
    inflate: flag('measure what decompression costs instead'),
    table: flag('print the table of CONFORMANCE.md instead'),
  });
  if (values.inflate) return inflateCost();
  if (values.table) {
    process.stdout.write(`${conformanceTable()}\n`);
    return { checks: CHECKS.length };
  }
  const rows: Row[] = [];
  for (const lane of lanes()) {
    for (const check of CHECKS) {
      if (!check.appliesTo(lane) || (values.only !== undefined && values.only !== check.id)) continue;
      const reason = await runCheck(check, lane).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      const { id, level, title: requirement } = check;
      const passed = reason === undefined;
      rows.push({ id, level, requirement, over: lane.name, passed, ...(passed ? {} : { reason }) });
      print(rows.at(-1));
    }
  }
  const failed = rows.filter(({ passed }) => !passed).length;
  if (failed > 0) process.exitCode = 1;
  return { passed: rows.length - failed, failed, total: rows.length, rows };
}

function print(row: Row | undefined): void {
  if (!row) return;
  const result = row.passed ? 'passed' : `FAILED: ${row.reason ?? ''}`;
  process.stdout.write(`${row.id.padEnd(4)}${row.over.padEnd(30)}${row.requirement}: ${result}\n`);
}
