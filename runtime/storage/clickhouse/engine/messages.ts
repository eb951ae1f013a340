/** What the embedded engine's process is told when it is started. */
export interface EngineStart {
  readonly type: 'open';
  readonly dataDir: string;
  /** What an operator changes to use another directory; for messages. */
  readonly setting: string;
  readonly socketPath: string;
  /** Also listen on 127.0.0.1, for this user only. Port 0 takes any. */
  readonly tcp?: { readonly port: number; readonly username: string; readonly password: string };
  readonly memoryLimitBytes: number;
}

export interface EngineStop {
  readonly type: 'stop';
}

export type ToEngine = EngineStart | EngineStop;

export type FromEngine =
  | { readonly type: 'ready'; readonly tcpPort: number | undefined }
  | {
      readonly type: 'failed';
      readonly code: string | undefined;
      readonly message: string;
      /** Who has the directory, when that is why. */
      readonly holder?: { readonly pid: number; readonly host: string } | undefined;
    };
