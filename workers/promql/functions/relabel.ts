import type { RE2JS } from 're2js';
import { mergeSameLabels, type StepSeries } from '../evaluate/step-series.ts';
import { PromqlExecutionError } from '../evaluate/promql-error.ts';
import { labelValue, METRIC_NAME, withLabel } from '../model/labels.ts';
import { compileRe2, InvalidRegexError } from '../model/re2.ts';
import { quoteGo } from '../parse/literals.ts';

type Match = ReturnType<RE2JS['matcher']>;

export const isLabelName = (name: string): boolean => name !== '' && !/\p{Surrogate}/u.test(name);

export interface Replacement {
  readonly destination: string;
  readonly replacement: string;
  readonly source: string;
  readonly pattern: string;
}

/** `label_replace`: where the whole source label matches, the destination becomes the expanded replacement. */
export function replaceLabel(series: readonly StepSeries[], rule: Replacement): StepSeries[] {
  const pattern = compilePattern(rule.pattern);
  if (!isLabelName(rule.destination)) {
    throw new PromqlExecutionError(`invalid destination label name in label_replace(): ${rule.destination}`);
  }
  const replaced = series.map((one) => {
    const match = pattern.matcher(labelValue(one.labels, rule.source));
    return match.matches() ? setLabel(one, rule.destination, expand(rule.replacement, match)) : one;
  });
  return mergeSameLabels(replaced);
}

/** `label_join`: the values of the source labels, with a separator between them. */
export function joinLabels(
  series: readonly StepSeries[],
  destination: string,
  separator: string,
  sources: readonly string[],
): StepSeries[] {
  for (const source of sources) {
    if (!isLabelName(source)) {
      throw new PromqlExecutionError(`invalid source label name in label_join(): ${quoteGo(source)}`);
    }
  }
  if (!isLabelName(destination)) {
    throw new PromqlExecutionError(`invalid destination label name in label_join(): ${quoteGo(destination)}`);
  }
  const joined = series.map((one) => {
    const value = sources.map((source) => labelValue(one.labels, source)).join(separator);
    return setLabel(one, destination, value);
  });
  return mergeSameLabels(joined);
}

function setLabel(series: StepSeries, name: string, value: string): StepSeries {
  // A name that is set on purpose stays.
  const dropsName = name === METRIC_NAME ? false : series.dropsName;
  return series.relabelled(withLabel(series.labels, name, value), dropsName);
}

function compilePattern(pattern: string): RE2JS {
  try {
    return compileRe2(pattern);
  } catch (error) {
    if (!(error instanceof InvalidRegexError)) throw error;
    throw new PromqlExecutionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

/** Go's `Expand`: `$1`, `$name`, `${name}`, `$$`; a group that is not there is empty. */
function expand(template: string, match: Match): string {
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/gu, (whole: string, braced?: string, bare?: string) => {
    if (whole === '$$') return '$';
    const name = braced ?? bare ?? '';
    const group = /^\d+$/u.test(name) ? Number(name) : match.namedGroups[name];
    if (group === undefined || group > match.groupCount()) return '';
    return match.group(group) ?? '';
  });
}
