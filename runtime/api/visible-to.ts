import { isPermission, type Requirement, type VisibleServices } from '../../proto/access/index.ts';
import { visibleBy, type Principal } from '../auth/index.ts';

/** Services that whoever asks may see in the answer to what needs this; none where nobody is asked who they are. */
export function visibleTo(principal: Principal | undefined, needs: Requirement): VisibleServices {
  return principal && isPermission(needs) ? visibleBy(principal.grants, needs) : [];
}
