import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** One column of `metrics.csv`: a metric of a node under one statistic, a value each five minutes. NaN where nothing was measured. */
export interface Column {
  readonly node: string;
  readonly metric: string;
  readonly statistic: string;
  readonly values: Float64Array;
}

export interface MetricTable {
  /** Unix seconds, ascending. */
  readonly times: Float64Array;
  readonly columns: readonly Column[];
}

export interface Issue {
  readonly scenario: string;
  readonly name: string;
  readonly metrics: MetricTable;
  readonly target: { readonly node: string; readonly metric: string; readonly statistic: string };
  readonly rootCause: string;
}

export interface Scenario {
  readonly name: string;
  readonly edges: readonly { readonly caller: string; readonly callee: string }[];
  readonly healthy: MetricTable;
  readonly issues: readonly Issue[];
}

export type Half = 'dev' | 'heldout';

/** `folder/{dev,heldout}/SCENARIO/{graph.csv, noissue/metrics.csv.gz, {train,test}/issue_N/{metrics.csv,target.json}}`. */
export async function readPetshop(folder: string): Promise<{ half: Half; scenarios: Scenario[] }> {
  const entries = await readdir(folder);
  const half = (['dev', 'heldout'] as const).find((name) => entries.includes(name));
  if (half === undefined) {
    throw new Error(
      `${folder} holds neither dev/ nor heldout/: expected a folder with one half of PetShop's scenarios`,
    );
  }
  const names = (await readdir(join(folder, half))).sort();
  return {
    half,
    scenarios: await Promise.all(names.map((name) => readScenario(join(folder, half, name), name))),
  };
}

async function readScenario(folder: string, name: string): Promise<Scenario> {
  const issues: Issue[] = [];
  for (const part of ['train', 'test']) {
    for (const issue of (await readdir(join(folder, part))).sort()) {
      issues.push(await readIssue(join(folder, part, issue), name, `${part}/${issue}`));
    }
  }
  return {
    name,
    edges: readEdges(await readFile(join(folder, 'graph.csv'), 'utf8')),
    healthy: readMetrics(
      gunzipSync(await readFile(join(folder, 'noissue', 'metrics.csv.gz'))).toString('utf8'),
    ),
    issues,
  };
}

async function readIssue(folder: string, scenario: string, name: string): Promise<Issue> {
  const { target, root_cause: rootCause } = JSON.parse(
    await readFile(join(folder, 'target.json'), 'utf8'),
  ) as {
    target: { node: string; metric: string; agg: string };
    root_cause: { node: string };
  };
  return {
    scenario,
    name,
    metrics: readMetrics(await readFile(join(folder, 'metrics.csv'), 'utf8')),
    target: { node: target.node, metric: target.metric, statistic: target.agg },
    rootCause: rootCause.node,
  };
}

/** An adjacency matrix: the service of the row calls that of the column. */
function readEdges(text: string): Scenario['edges'] {
  const [[, ...callees] = [], ...rows] = cellsOf(text);
  return rows.flatMap(([caller = '', ...cells]) =>
    callees.filter((_, index) => Number(cells[index]) > 0).map((callee) => ({ caller, callee })),
  );
}

/** Three lines of header (node, metric, statistic), a line with the name of the index, then a row each five minutes. */
function readMetrics(text: string): MetricTable {
  const [nodes = [], metrics = [], statistics = [], , ...rows] = cellsOf(text);
  const columns = nodes.slice(1).map((node, index) => ({
    node,
    metric: metrics[index + 1] ?? '',
    statistic: statistics[index + 1] ?? '',
    values: Float64Array.from(rows, (cells) => numberOf(cells[index + 1])),
  }));
  return { times: Float64Array.from(rows, (cells) => numberOf(cells[0])), columns };
}

function cellsOf(text: string): string[][] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(','));
}

function numberOf(cell: string | undefined): number {
  return cell === undefined || cell === '' ? NaN : Number(cell);
}
