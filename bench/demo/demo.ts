import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { FAULTS, isFault, type FaultName } from './faults.ts';
import { realWorld } from './real-world.ts';
import { Shop } from './shop.ts';
import { runTraffic } from './traffic.ts';

const USAGE = `usage: npm run demo -- [--fault NAME]… [--rate N] [--day-minutes N] [--endpoint URL] [--minutes N]

Starts the platform and a shop of twelve services that sends to it.

  --fault NAME      switch a fault on; may be given several times
  --rate N          visitors a second at the busiest time of the day [20]
  --day-minutes N   length of a day, to see its rhythm sooner [1440]
  --minutes N       stop after so long [never]
  --endpoint URL    OTLP/HTTP endpoint of a platform that runs already; none is started

faults (type a name and Enter while it runs to switch it on or off):
${Object.entries(FAULTS)
  .map(([name, text]) => `  ${name.padEnd(16)}  ${text}`)
  .join('\n')}
`;

export interface DemoOptions {
  readonly faults: readonly FaultName[];
  readonly requestsPerSecond: number;
  readonly dayMs: number;
  readonly endpoint: string | undefined;
  readonly stopAfterMs: number | undefined;
}

/** Prints the usage, or what is wrong with the arguments, and returns nothing then. */
export function readDemoOptions(args: readonly string[]): DemoOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        fault: { type: 'string', multiple: true, default: [] },
        rate: { type: 'string', default: '20' },
        'day-minutes': { type: 'string', default: '1440' },
        minutes: { type: 'string' },
        endpoint: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return undefined;
    }
    return {
      faults: values.fault.map(faultNamed),
      requestsPerSecond: positive('--rate', values.rate),
      dayMs: positive('--day-minutes', values['day-minutes']) * 60_000,
      endpoint: values.endpoint,
      stopAfterMs: values.minutes === undefined ? undefined : positive('--minutes', values.minutes) * 60_000,
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

/** Runs until `signal` says so, or its time is over. */
export async function runDemo(options: DemoOptions, endpoint: string, signal: AbortSignal): Promise<void> {
  const faults = new Set<FaultName>(options.faults);
  const world = realWorld(endpoint);
  const shop = new Shop(world, faults);
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  signal.addEventListener('abort', end);
  if (options.stopAfterMs !== undefined) setTimeout(end, options.stopAfterMs).unref();
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    toggle(faults, line.trim());
  });
  process.stdout.write(
    `  The shop is open. Faults: ${describe(faults)}. Type a fault's name to switch it.\n\n`,
  );
  await runTraffic({
    world,
    requestsPerSecond: options.requestsPerSecond,
    dayMs: options.dayMs,
    factor: () => (faults.has('traffic-spike') ? 6 : 1),
    visit: () => shop.visit(),
    signal: stop.signal,
  });
  input.close();
  await shop.stop();
}

function toggle(faults: Set<FaultName>, name: string): void {
  if (name === '') return;
  if (!isFault(name)) {
    process.stdout.write(`  There is no fault ${name}; there are ${Object.keys(FAULTS).join(', ')}.\n`);
    return;
  }
  if (!faults.delete(name)) faults.add(name);
  process.stdout.write(`  Faults: ${describe(faults)}.\n`);
}

function describe(faults: ReadonlySet<FaultName>): string {
  return faults.size === 0 ? 'none' : [...faults].join(', ');
}

function faultNamed(name: string): FaultName {
  if (isFault(name)) return name;
  throw new Error(`there is no fault ${name}: expected one of ${Object.keys(FAULTS).join(', ')}`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${option} is ${text}: expected a number above 0`);
}
