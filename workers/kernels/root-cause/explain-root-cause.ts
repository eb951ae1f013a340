import type { Evidence, RootCause } from './rank-root-causes.ts';

/** The first of ranked causes in sentences made of its evidence, and who else is suspected: text of ours, of no paper. O(evidence of the first). */
export function explainRootCauses(causes: readonly RootCause[]): string {
  const [first, ...others] = causes;
  if (first === undefined) return 'Nothing is abnormal enough to be blamed.';
  const sentences = first.evidence.map((evidence) => sentenceOf(evidence));
  const rest = others.slice(0, 2).map(({ service, score }) => `${service} (${percent(score)})`);
  return [
    `${first.service} is the likeliest cause (${percent(first.score)} of the blame).`,
    ...sentences,
    ...(rest.length > 0 ? [`Less likely: ${rest.join(', ')}.`] : []),
  ].join(' ');
}

function sentenceOf(evidence: Evidence): string {
  switch (evidence.type) {
    case 'signal': {
      const { series, before, during, deviations } = evidence.change;
      const distance = `${figure(deviations)} standard deviations`;
      return `Its ${series.name} went from ${figure(before)} to ${figure(during)}, ${distance} off.`;
    }
    case 'trace': {
      const { slowness, operation, ownErrors } = evidence.change;
      const slow = slowness > 0 ? `Its own time on the critical path grew most in ${operation}.` : '';
      const failing = ownErrors > 0 ? `${percent(ownErrors)} more of its spans fail by themselves.` : '';
      return [slow, failing].filter((part) => part !== '').join(' ');
    }
    case 'log': {
      const { pattern, kind, normal, abnormal } = evidence.change;
      return `Its log pattern "${pattern}" is ${kind} (${normal} before, ${abnormal} now).`;
    }
    case 'change':
      return `It was changed: ${evidence.event.what}.`;
    case 'explains':
      return `It explains ${percent(evidence.share)} of what ${evidence.caller} suffers.`;
  }
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
