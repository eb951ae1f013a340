export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX; `undefined`: it names none. */
  readonly licence: string | undefined;
  /** Or part of what builds and tests the product. */
  readonly isShipped: boolean;
  /** Why it may not be used. */
  readonly problem: string | undefined;
}

/** What an npm lock file says of each package, by path. */
export interface LockFile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string;
        readonly license?: string;
        readonly dev?: boolean;
        readonly dependencies?: Readonly<Record<string, string>>;
      }
    >
  >;
}

export function licences(lock?: LockFile): readonly LockedPackage[];
export function isAllowed(expression: string): boolean;
