export interface SettingProblem {
  /** `oidc.issuer`. */
  readonly path: string;
  readonly message: string;
}

/** Settings that cannot be. Nothing was changed. */
export class SettingsInvalidError extends Error {
  readonly code = 'SETTINGS_INVALID';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.name = 'SettingsInvalidError';
    this.problems = problems;
  }
}

/** Somebody else changed the settings in between. Nothing was changed: read them, and decide again. */
export class SettingsConflictError extends Error {
  readonly code = 'SETTINGS_CONFLICT';

  constructor(expected: number) {
    super(`the settings are no longer those of version ${expected}: read them again`);
    this.name = 'SettingsConflictError';
  }
}

export class SettingsVersionUnknownError extends Error {
  readonly code = 'SETTINGS_VERSION_UNKNOWN';

  constructor(version: number) {
    super(`there is no version ${version} of the settings`);
    this.name = 'SettingsVersionUnknownError';
  }
}
