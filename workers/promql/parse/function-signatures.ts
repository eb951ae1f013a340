import type { ValueType } from './ast.ts';

export interface FunctionSignature {
  readonly name: string;
  readonly args: readonly ValueType[];
  /** How often the last argument may be missing or repeated: 0 never, -1 any number. */
  readonly variadic: number;
  readonly returns: ValueType;
}

const TYPES: Readonly<Record<string, ValueType>> = {
  v: 'instant vector',
  m: 'range vector',
  s: 'scalar',
  t: 'string',
};

function signatures(
  names: string,
  args: string,
  returns = 'v',
  variadic = 0,
): readonly (readonly [string, FunctionSignature])[] {
  const types = Array.from(args, (letter) => TYPES[letter] ?? 'scalar');
  return names
    .trim()
    .split(/\s+/u)
    .map(
      (name) => [name, { name, args: types, variadic, returns: TYPES[returns] ?? 'instant vector' }] as const,
    );
}

/** All functions of PromQL, the experimental ones among them, with the types of their arguments (v, m, s, t for text). */
export const FUNCTIONS: ReadonlyMap<string, FunctionSignature> = new Map([
  ...signatures(
    'abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn',
    'v',
  ),
  ...signatures('sin sinh sqrt tan tanh sort sort_desc timestamp start_timestamp', 'v'),
  ...signatures('histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar', 'v'),
  ...signatures('day_of_month day_of_week day_of_year days_in_month hour minute month year', 'v', 'v', 1),
  ...signatures(
    'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta',
    'm',
  ),
  ...signatures(
    'increase irate last_over_time mad_over_time max_over_time min_over_time present_over_time',
    'm',
  ),
  ...signatures('rate resets stddev_over_time stdvar_over_time sum_over_time', 'm'),
  ...signatures('ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time', 'm'),
  ...signatures('predict_linear', 'ms'),
  ...signatures('double_exponential_smoothing', 'mss'),
  ...signatures('quantile_over_time', 'sm'),
  ...signatures('clamp', 'vss'),
  ...signatures('clamp_max clamp_min', 'vs'),
  ...signatures('round', 'vs', 'v', 1),
  ...signatures('histogram_quantile', 'sv'),
  ...signatures('histogram_fraction', 'ssv'),
  ...signatures('histogram_quantiles', 'vtss', 'v', 9),
  ...signatures('label_replace', 'vtttt'),
  ...signatures('label_join', 'vttt', 'v', -1),
  ...signatures('sort_by_label sort_by_label_desc', 'vt', 'v', -1),
  ...signatures('info', 'vv', 'v', 1),
  ...signatures('scalar', 'v', 's'),
  ...signatures('vector', 's'),
  ...signatures('time pi start end step range', '', 's'),
  ...signatures('min_of max_of', 'ss', 's'),
]);
