/** Somebody else changed what a file was compared with, before it was applied. Nothing of the file was. */
export class ConfigurationConflictError extends Error {
  readonly code = 'CONFIGURATION_CONFLICT';
  /** `role auditors`, `setting oidc.issuer`; or what can no longer be, and why. */
  readonly changed: readonly string[];

  constructor(changed: readonly string[], cause?: unknown) {
    super(
      `changed by somebody else in between: ${changed.join(', ')}; nothing was applied: look at the difference again (ophion config diff)`,
      { cause },
    );
    this.name = 'ConfigurationConflictError';
    this.changed = changed;
  }
}
