import type { z } from 'zod';
import type { QueryRun, ServiceChange } from '../../actors/ports/index.ts';
import type { CHANGE_ENDPOINTS, ServiceChangeJson } from '../../proto/api/index.ts';
import { parseServiceId, serviceIdOf } from '../../proto/columns/index.ts';
import type { PostgresChangeStore } from '../insights/index.ts';
import { beforeDeadline } from './before-deadline.ts';
import { rangeOf, serviceOf } from './parameters.ts';

type ChangesEndpoint = (typeof CHANGE_ENDPOINTS)[0];

export async function answerChanges(
  changes: Pick<PostgresChangeStore, 'list'>,
  query: z.output<ChangesEndpoint['queryParameters']>,
  nowUnixNano: bigint,
  run: QueryRun,
): Promise<z.output<ChangesEndpoint['answer']>> {
  const { fromUnixNano, toUnixNano } = rangeOf(query, nowUnixNano);
  const filter = {
    fromMs: Number(fromUnixNano / 1_000_000n),
    toMs: Number(toUnixNano / 1_000_000n),
    ...(query.service ? { service: serviceIdOf(serviceOf(query.service)) } : {}),
    ...(query.kind && { kind: query.kind }),
  };
  const found = await run.timed('changes', () =>
    beforeDeadline(changes.list(filter, query.limit + 1, run.visible), run.signal),
  );
  const shown = found.slice(0, query.limit).flatMap(changeJson);
  run.countRead('cold', shown.length, JSON.stringify(shown).length);
  return { changes: shown, more: found.length > query.limit };
}

function changeJson({ serviceId, kind, name, atMs }: ServiceChange): ServiceChangeJson[] {
  const key = parseServiceId(serviceId);
  if (key === undefined) return [];
  const { namespace, environment } = key;
  const [version, instance] = kind === 'deploy' ? [name, ''] : ['', name];
  const service = { id: serviceId, namespace, name: key.name, environment };
  return [{ service, kind, version, instance, atUnixMs: atMs }];
}
