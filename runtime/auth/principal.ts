import type { Grants } from './grants.ts';

/** Who asks: a user in a session, or the holder of a key. */
export interface Principal {
  readonly kind: 'session' | 'key';
  /** Of the session or of the key. */
  readonly id: string;
  readonly userId: string;
  readonly login: string;
  readonly grants: Grants;
  /** Until then only the password may be changed. */
  readonly mustChangePassword: boolean;
  /** Until then, and once the password is their own, only that may be done. */
  readonly mustSetUpSecondFactor: boolean;
}
