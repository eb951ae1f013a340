import type { Settings } from '../../proto/settings/index.ts';
import { allowEntryProblem } from '../outgoing/index.ts';
import type { SettingProblem } from './settings-error.ts';

/** What the schema cannot say: whether a role exists, or a range is one. */
export type SettingsCheck = (settings: Settings) => readonly SettingProblem[];

export const checkAllowList: SettingsCheck = ({ outgoing }) =>
  outgoing.allow.flatMap((entry, index) => {
    const message = allowEntryProblem(entry);
    return message === undefined ? [] : [{ path: `outgoing.allow.${index}`, message }];
  });
