/** Values of one metric of all nodes: before and around the issue. */
export interface TraversalInput {
  readonly edges: readonly { readonly caller: string; readonly callee: string }[];
  readonly normal: ReadonlyMap<string, Float64Array>;
  readonly abnormal: ReadonlyMap<string, Float64Array>;
  readonly target: string;
}

const THRESHOLD = 5;
/** The rows before the issue began that the set's authors left in front. */
const FIRST_ROW = 2;

/**
 * The baseline of the set's authors: |x − median| / (1.4826·MAD) of each node in the row in which the target is first anomalous,
 * then down from the target along anomalous callees; those without anomalous callees are the causes, sorted by the greatest sum of
 * scores along a path to them.
 * Hardt et al., "The PetShop Dataset", CLeaR 2024; notebook `RCA-Dataset-Eval`.
 */
export function traverseAnomalies({ edges, normal, abnormal, target }: TraversalInput): string[] {
  const scores = new Map([...abnormal].map(([node, values]) => [node, scoreRows(normal.get(node), values)]));
  const row = scores.get(target)?.findIndex((score, index) => index >= FIRST_ROW && score > THRESHOLD) ?? -1;
  if (row < 0) return [];
  const scoreOf = (node: string): number => scores.get(node)?.[row] ?? NaN;
  const calleesOf = (node: string): string[] =>
    edges
      .filter(({ caller, callee }) => caller === node && scoreOf(callee) > THRESHOLD)
      .map(({ callee }) => callee);
  const onPath = new Set([target]);
  const causes = new Map<string, number>();
  const walk = (node: string, sum: number): void => {
    const callees = calleesOf(node).filter((callee) => !onPath.has(callee));
    if (callees.length === 0) causes.set(node, Math.max(sum, causes.get(node) ?? 0));
    for (const callee of callees) {
      onPath.add(callee);
      walk(callee, sum + scoreOf(callee));
      onPath.delete(callee);
    }
  };
  walk(target, scoreOf(target));
  // A metric that never varies while all is well makes scores infinite, and so ties: the order of the columns decides.
  return [...scores.keys()]
    .filter((node) => causes.has(node))
    .sort((one, other) => {
      const difference = (causes.get(other) ?? 0) - (causes.get(one) ?? 0);
      return Number.isNaN(difference) ? 0 : difference;
    });
}

function scoreRows(normal: Float64Array | undefined, abnormal: Float64Array): Float64Array {
  const known = (normal ?? new Float64Array(0)).filter((value) => !Number.isNaN(value));
  const center = median(known);
  const scale = 1.4826 * median(known.map((value) => Math.abs(value - center)));
  return abnormal.map((value) => Math.abs(value - center) / scale);
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
