/** What the embedded engine's process is told when it is started. */
export interface EngineStart {
  readonly type: 'open';
  readonly dataDir: string;
  /** What an operator changes to use another directory; for messages. */
  readonly setting: string;
  /** What lies in a new one: see `make-templates.ts`. */
  readonly template?: string;
  readonly socketPath: string;
  /** Also listen on 127.0.0.1, for this user only. Port 0 takes any. */
  readonly tcp?: { readonly port: number; readonly username: string; readonly password: string };
  readonly memoryLimitBytes: number;
  /** How long a query that was cancelled may go on. */
  readonly mostCancellingMs: number;
}

export interface EngineStop {
  readonly type: 'stop';
}

export type ToEngine = EngineStart | EngineStop;

export type FromEngine =
  | { readonly type: 'ready'; readonly tcpPort: number | undefined }
  /** A query that was cancelled goes on all the same. */
  | { readonly type: 'stuck' }
  | {
      readonly type: 'failed';
      /** Another process has the directory. */
      readonly isInUse: boolean;
      readonly message: string;
      /** Who has it, where that is known. */
      readonly holder?: { readonly pid: number; readonly host: string } | undefined;
    };
