import { useLocation } from '@solidjs/router';
import { For, type JSX } from 'solid-js';
import type { Permission } from '../../../proto/access/index.ts';
import { createAnswer } from '../../api/create-answer.ts';
import './admin.css';

type May = (permission: Permission) => boolean;

interface AdminPage {
  readonly label: string;
  readonly href: string;
  readonly needs: Permission;
}

const ADMIN_PAGES: readonly AdminPage[] = [
  { label: 'Users', href: '/admin/users', needs: 'users:read' },
  { label: 'Roles', href: '/admin/roles', needs: 'users:read' },
  { label: 'Service accounts', href: '/admin/service-accounts', needs: 'users:read' },
  { label: 'Audit log', href: '/admin/audit', needs: 'audit:read' },
];

/** What is around every page of the administration. `may` says what whoever looks may do. */
export function AdminFrame(props: {
  readonly tools?: (may: May) => JSX.Element;
  readonly children: (may: May) => JSX.Element;
}): JSX.Element {
  const location = useLocation();
  const me = createAnswer(() => ({ path: '/api/v1/me' }) as const);
  const may: May = (permission) => me.data()?.permissions.includes(permission) ?? false;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Administration</h1>
        <nav class="admin-nav" aria-label="Administration">
          <For each={ADMIN_PAGES.filter(({ needs }) => may(needs))}>
            {(page) => (
              <a href={page.href} aria-current={location.pathname === page.href ? 'page' : undefined}>
                {page.label}
              </a>
            )}
          </For>
        </nav>
        <span class="grow" />
        {props.tools?.(may)}
      </header>
      <div class="page-body">{props.children(may)}</div>
    </div>
  );
}
