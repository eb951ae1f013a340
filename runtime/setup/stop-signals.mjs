import { performance } from 'node:perf_hooks';

/** npm passes on the interrupt that the terminal has sent to all of its processes: a second one so soon is the first again. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Calls `stop` with the first SIGINT or SIGTERM, once, and `force` with one that comes because stopping takes too long for
 * whoever waits.
 */
export function onStopSignals(stop, force) {
  let firstMs;
  const take = (signal) => {
    if (firstMs === undefined) {
      firstMs = performance.now();
      stop(signal);
    } else if (performance.now() - firstMs > SAME_SIGNAL_MS) {
      force(signal);
    }
  };
  process.on('SIGINT', take);
  process.on('SIGTERM', take);
}
