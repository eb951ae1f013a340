import type { VisibleServices } from '../../proto/access/index.ts';
import { parseServiceId } from '../../proto/columns/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';

/** Whether the service of an id may be seen. */
export function visibleIds(visible: VisibleServices): (id: string) => boolean {
  if (visible === 'all') return () => true;
  const isVisible = visibilityTest(visible);
  return (id) => {
    const service = parseServiceId(id);
    return service !== undefined && isVisible(service);
  };
}
