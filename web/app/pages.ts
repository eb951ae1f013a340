import type { Permission } from '../../proto/access/index.ts';

/** What the navigation and the command palette offer. */
export const PAGES = [
  { label: 'Overview', href: '/', key: '1' },
  { label: 'Traces', href: '/traces', key: '2' },
  { label: 'Logs', href: '/logs', key: '3' },
  { label: 'Live tail', href: '/tail', key: '4' },
  { label: 'Map', href: '/map', key: '5' },
  { label: 'Metrics', href: '/metrics', key: '6' },
  { label: 'Insights', href: '/insights', key: '8' },
  { label: 'Ledger', href: '/ledger', key: '7' },
] as const;

export interface AdminPage {
  readonly label: string;
  readonly href: string;
  readonly needs: Permission;
}

const ADMIN_PAGES: readonly AdminPage[] = [
  { label: 'Users', href: '/admin/users', needs: 'users:read' },
  { label: 'Roles', href: '/admin/roles', needs: 'users:read' },
  { label: 'Service accounts', href: '/admin/service-accounts', needs: 'users:read' },
  { label: 'Settings', href: '/admin/settings', needs: 'settings:read' },
  { label: 'Audit log', href: '/admin/audit', needs: 'audit:read' },
];

/** Pages of the administration that somebody with these permissions can use. */
export function adminPagesFor(permissions: readonly Permission[]): readonly AdminPage[] {
  return ADMIN_PAGES.filter(({ needs }) => permissions.includes(needs));
}
