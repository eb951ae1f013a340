import { fork, type ChildProcess } from 'node:child_process';

export interface RunningScript<Ready> {
  readonly child: ChildProcess;
  /** Its first message. */
  readonly ready: Ready;
  readonly ended: Promise<void>;
}

interface ScriptOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What it is told first. */
  readonly message?: object;
}

/** A script of a bench, in a process of its own that ends with its parent. Rejects when it ends before it says that it is ready. */
export async function startScript<Ready>(
  path: string,
  { env = process.env, message }: ScriptOptions = {},
): Promise<RunningScript<Ready>> {
  const child = fork(path, [], { execArgv: ['--import', import.meta.resolve('tsx')], env });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('message', (said) => {
      resolve(said as Ready);
    });
    child.once('exit', () => {
      reject(new Error(`${path} did not start; the lines above say why`));
    });
    if (message !== undefined) child.send(message);
  });
  return { child, ready, ended };
}
