export { openAccess, type Access } from './access.ts';
export { openSettings, sessionLimits, type RunningSettings } from './open-settings.ts';
