import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf, startRetryingLoad, type Senders } from '../../runtime/end-to-end/index.ts';
import { startPlainReceiver } from '../ingest/start-plain-receiver.ts';
import { peakMb } from './peak-memory.ts';

export interface PlainLoad {
  readonly itemsPerRequest: number;
  readonly senders: readonly Senders[];
  readonly mostMs: number;
  /** It is ended when it has needed more. */
  readonly capMb: number;
}

export interface PlainFigures {
  readonly maxRssMb: number;
  readonly passedCapAfterSeconds: number | undefined;
  readonly seconds: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unanswered: number;
}

const LOOK_EVERY_MS = 100;

/** What a plain receiver needs when as much comes, its ClickHouse being away in the middle half of the time. */
export async function plainUnderLoad({
  itemsPerRequest,
  senders,
  mostMs,
  capMb,
}: PlainLoad): Promise<PlainFigures> {
  const receiver = await startPlainReceiver();
  const [engine = 0] = await processesOf(receiver.dataDir, 'engine-child');
  if (engine === 0) throw new Error('the engine of the plain receiver was not found');
  const { httpPort, grpcPort } = receiver;
  const load = startRetryingLoad({ httpPort, grpcPort, itemsPerRequest, signals: ['traces'], senders });
  try {
    await load.started;
    const startedMs = performance.now();
    const elapsedMs = (): number => performance.now() - startedMs;
    let maxRssMb = 0;
    let isStopped = false;
    while (elapsedMs() < mostMs && maxRssMb <= capMb) {
      await sleep(LOOK_EVERY_MS);
      maxRssMb = await peakMb(receiver.pid);
      const shallBeStopped = elapsedMs() > mostMs / 4 && elapsedMs() < (mostMs * 3) / 4;
      if (shallBeStopped !== isStopped) process.kill(engine, shallBeStopped ? 'SIGSTOP' : 'SIGCONT');
      isStopped = shallBeStopped;
    }
    const seconds = Math.round(elapsedMs() / 100) / 10;
    const { attempts, wrong } = await load.end('stop');
    if (wrong.length > 0) throw new Error(`the plain receiver answered ${wrong[0] ?? ''}`);
    return {
      maxRssMb,
      passedCapAfterSeconds: maxRssMb > capMb ? seconds : undefined,
      seconds,
      acknowledged: attempts.acknowledged * itemsPerRequest,
      refused: attempts.refused * itemsPerRequest,
      unanswered: attempts.unanswered * itemsPerRequest,
    };
  } finally {
    load.kill();
    process.kill(engine, 'SIGCONT');
    process.kill(engine, 'SIGKILL');
    await receiver.kill();
  }
}
