/** What the navigation and the command palette offer. */
export const PAGES = [
  { label: 'Overview', href: '/', key: '1' },
  { label: 'Traces', href: '/traces', key: '2' },
  { label: 'Logs', href: '/logs', key: '3' },
  { label: 'Live tail', href: '/tail', key: '4' },
  { label: 'Map', href: '/map', key: '5' },
  { label: 'Metrics', href: '/metrics', key: '6' },
  { label: 'Ledger', href: '/ledger', key: '7' },
] as const;
