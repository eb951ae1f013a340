import { useLocation } from '@solidjs/router';
import { For, type JSX } from 'solid-js';
import type { Permission } from '../../../proto/access/index.ts';
import { adminPagesFor } from '../../app/pages.ts';
import { useSession } from '../../app/session.tsx';
import './admin.css';

type May = (permission: Permission) => boolean;

/** What is around every page of the administration. `may` says what whoever looks may do. */
export function AdminFrame(props: {
  readonly tools?: (may: May) => JSX.Element;
  readonly children: (may: May) => JSX.Element;
}): JSX.Element {
  const location = useLocation();
  const session = useSession();
  const may: May = (permission) => session.me().permissions.includes(permission);
  return (
    <div class="page">
      <header class="page-head">
        <h1>Administration</h1>
        <nav class="admin-nav" aria-label="Administration">
          <For each={adminPagesFor(session.me().permissions)}>
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
