import { Route, Router } from '@solidjs/router';
import { lazy, type JSX } from 'solid-js';
import { OverviewPage } from '../features/overview/overview-page.tsx';
import { NotFound } from './not-found.tsx';
import { Shell } from './shell.tsx';

/** The overview comes with the shell; every other page brings its own code when it is first opened. */
const ServicePage = lazy(async () => ({
  default: (await import('../features/service/service-page.tsx')).ServicePage,
}));
const TracesPage = lazy(async () => ({
  default: (await import('../features/traces/traces-page.tsx')).TracesPage,
}));
const TracePage = lazy(async () => ({
  default: (await import('../features/trace/trace-page.tsx')).TracePage,
}));
const TraceFilePage = lazy(async () => ({
  default: (await import('../features/trace/trace-file-page.tsx')).TraceFilePage,
}));
const ComparePage = lazy(async () => ({
  default: (await import('../features/compare/compare-page.tsx')).ComparePage,
}));
const LogsPage = lazy(async () => ({ default: (await import('../features/logs/logs-page.tsx')).LogsPage }));
const TailPage = lazy(async () => ({ default: (await import('../features/tail/tail-page.tsx')).TailPage }));
const MapPage = lazy(async () => ({ default: (await import('../features/map/map-page.tsx')).MapPage }));
const MetricsPage = lazy(async () => ({
  default: (await import('../features/metrics/metrics-page.tsx')).MetricsPage,
}));
const InsightsPage = lazy(async () => ({
  default: (await import('../features/insights/insights-page.tsx')).InsightsPage,
}));
const InsightPage = lazy(async () => ({
  default: (await import('../features/insights/insight-page.tsx')).InsightPage,
}));
const LedgerPage = lazy(async () => ({
  default: (await import('../features/ledger/ledger-page.tsx')).LedgerPage,
}));
const AccountPage = lazy(async () => ({
  default: (await import('../features/account/account-page.tsx')).AccountPage,
}));
const UsersPage = lazy(async () => ({
  default: (await import('../features/users/users-page.tsx')).UsersPage,
}));
const RolesPage = lazy(async () => ({
  default: (await import('../features/roles/roles-page.tsx')).RolesPage,
}));
const ServiceAccountsPage = lazy(async () => ({
  default: (await import('../features/service-accounts/service-accounts-page.tsx')).ServiceAccountsPage,
}));
const SettingsPage = lazy(async () => ({
  default: (await import('../features/settings/settings-page.tsx')).SettingsPage,
}));
const AuditPage = lazy(async () => ({
  default: (await import('../features/audit/audit-page.tsx')).AuditPage,
}));

const SignInPage = lazy(async () => ({
  default: (await import('../features/sign-in/sign-in-page.tsx')).SignInPage,
}));
const SetPasswordPage = lazy(async () => ({
  default: (await import('../features/sign-in/set-password-page.tsx')).SetPasswordPage,
}));

export function Routes(): JSX.Element {
  return (
    <Router root={Shell}>
      <Route path="/sign-in" component={SignInPage} />
      <Route path="/set-password" component={SetPasswordPage} />
      <Route path="/" component={OverviewPage} />
      <Route path="/services/:service" component={ServicePage} />
      <Route path="/traces" component={TracesPage} />
      <Route path="/traces/file" component={TraceFilePage} />
      <Route path="/traces/:traceId" component={TracePage} />
      <Route path="/traces/:traceId/compare" component={ComparePage} />
      <Route path="/logs" component={LogsPage} />
      <Route path="/tail" component={TailPage} />
      <Route path="/map" component={MapPage} />
      <Route path="/metrics" component={MetricsPage} />
      <Route path="/insights" component={InsightsPage} />
      <Route path="/insights/:insightId" component={InsightPage} />
      <Route path="/ledger" component={LedgerPage} />
      <Route path="/account" component={AccountPage} />
      <Route path="/admin/users" component={UsersPage} />
      <Route path="/admin/roles" component={RolesPage} />
      <Route path="/admin/service-accounts" component={ServiceAccountsPage} />
      <Route path="/admin/settings" component={SettingsPage} />
      <Route path="/admin/audit" component={AuditPage} />
      <Route path="*" component={NotFound} />
    </Router>
  );
}
