/** Where what is usual of series is kept over restarts: one document of bytes, tens of MB at most, whose form is its writer's alone. */
export interface WatchStateStore {
  /** Undefined on a new installation. Rejects when what is there cannot be read. */
  read(): Promise<Uint8Array | undefined>;
  /** In the place of what was kept before, all of it or none. Rejects when it cannot be written. */
  write(bytes: Uint8Array): Promise<void>;
}
