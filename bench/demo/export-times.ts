/** How long spans and log records wait to be sent, and how often metrics are. */
export const EXPORT_DELAY_MS = 500;
export const METRIC_INTERVAL_MS = 5_000;
