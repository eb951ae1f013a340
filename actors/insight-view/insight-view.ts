import type { VisibleServices } from '../../proto/access/index.ts';
import type {
  InsightEvidenceJson,
  InsightJson,
  RootCauseJson,
  RootCausesJson,
  ServiceJson,
} from '../../proto/api/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';

/** In the place of a text that names what may not be seen. */
const HIDDEN_EXPLANATION = 'What explains this is of services that you may not see.';

/**
 * Insights as whoever may see these services sees them: `undefined` where its own service is hidden. Of the others what is about
 * hidden services is left out: evidence, root causes, ways to them, services that are affected, and texts that name one of them.
 */
export function insightView(visible: VisibleServices): (insight: InsightJson) => InsightJson | undefined {
  if (visible === 'all') return (insight) => insight;
  const isVisible = visibilityTest(visible);
  return (insight) => (isVisible(insight.service) ? withoutHidden(insight, isVisible) : undefined);
}

/** Causes that were asked for, of a service that may be seen: the same is left out of them. */
export function rootCausesView(visible: VisibleServices): (found: RootCausesJson) => RootCausesJson {
  if (visible === 'all') return (found) => found;
  const isVisible = visibilityTest(visible);
  return (found) => {
    const { changed, inCommon, rootCauses } = found;
    const hidden = namesOf({ services: [], evidence: [...changed, ...inCommon], rootCauses }, isVisible);
    if (hidden.length === 0) return found;
    const { textOf, evidenceOf, causesOf } = viewBeside(hidden, isVisible);
    return {
      ...found,
      explanation: textOf(found.explanation, HIDDEN_EXPLANATION),
      changed: evidenceOf(changed),
      inCommon: evidenceOf(inCommon),
      rootCauses: causesOf(rootCauses),
    };
  };
}

type IsVisible = (service: ServiceJson) => boolean;
type Named = Pick<InsightJson, 'services' | 'evidence' | 'rootCauses' | 'course'>;

function withoutHidden(insight: InsightJson, isVisible: IsVisible): InsightJson {
  const hidden = namesOf(insight, isVisible);
  if (hidden.length === 0) return insight;
  const { textOf, evidenceOf, causesOf } = viewBeside(hidden, isVisible);
  return {
    ...insight,
    title: textOf(insight.title, `${insight.kind} in ${insight.service.name}`),
    explanation: textOf(insight.explanation, HIDDEN_EXPLANATION),
    services: insight.services.filter(isVisible),
    evidence: evidenceOf(insight.evidence),
    ...(insight.course && {
      course: insight.course.filter(({ service, what }) => isVisible(service) && !namesAny(what, hidden)),
    }),
    rootCauses: causesOf(insight.rootCauses),
  };
}

interface PartsView {
  /** The text, or the other one where it names what is hidden. */
  readonly textOf: (text: string, otherwise: string) => string;
  readonly evidenceOf: <Evidence extends InsightEvidenceJson>(
    evidence: readonly Evidence[],
  ) => readonly Evidence[];
  readonly causesOf: (causes: readonly RootCauseJson[]) => readonly RootCauseJson[];
}

/** @param hidden names, in small letters */
function viewBeside(hidden: readonly string[], isVisible: IsVisible): PartsView {
  const textOf: PartsView['textOf'] = (text, otherwise) => (namesAny(text, hidden) ? otherwise : text);
  const evidenceOf: PartsView['evidenceOf'] = (evidence) =>
    evidence
      .filter((one) => servicesOf(one).every(isVisible))
      .map((one) => (one.type === 'trace' ? { ...one, note: textOf(one.note, '') } : one));
  const causeOf = (cause: RootCauseJson): RootCauseJson => ({
    ...cause,
    explanation: textOf(cause.explanation, HIDDEN_EXPLANATION),
    // With a gap in it, a way would show calls that there are not.
    ...(cause.path && { path: cause.path.every(isVisible) ? cause.path : [cause.service] }),
    evidence: evidenceOf(cause.evidence),
  });
  return {
    textOf,
    evidenceOf,
    causesOf: (causes) => causes.filter(({ service }) => isVisible(service)).map(causeOf),
  };
}

function servicesOf(evidence: InsightEvidenceJson): readonly ServiceJson[] {
  switch (evidence.type) {
    case 'explains':
      return [evidence.caller];
    case 'signal':
      return [evidence.service, ...peerOf(evidence)];
    default:
      return [evidence.service];
  }
}

function peerOf({ peer }: { readonly peer?: ServiceJson | undefined }): readonly ServiceJson[] {
  return peer === undefined ? [] : [peer];
}

/** Of all hidden services that are spoken of. */
function namesOf(
  { services, evidence, rootCauses, course = [] }: Named,
  isVisible: IsVisible,
): readonly string[] {
  const all = [
    ...services,
    ...evidence.flatMap(servicesOf),
    ...course.flatMap(({ service, ...entry }) => [service, ...peerOf(entry)]),
    ...rootCauses.flatMap((cause) => [
      cause.service,
      ...(cause.path ?? []),
      ...cause.evidence.flatMap(servicesOf),
    ]),
  ];
  return [...new Set(all.filter((service) => !isVisible(service)).map(({ name }) => name.toLowerCase()))];
}

/** A name may stand within a word that has nothing to do with it: rather a text too few. */
function namesAny(text: string, names: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return names.some((name) => lower.includes(name));
}
