export { ANY_PORTS } from './any-ports.ts';
export { runCrashTrial } from './crash-trial.ts';
export { leftProcessesOf, processesOf, startPlatformProcess } from './platform-process.ts';
export { startRetryingLoad } from './run-retrying-load.ts';
export { startSdkLoad, type RunningSdkLoad } from './run-sdk-load.ts';
export type { Senders } from './retrying-load.ts';
export type { SdkLoadReport } from './sdk-load.ts';
export { balanceOf, readStoredItems, readStoredRequests } from './stored-requests.ts';
export {
  adminCookies,
  adminCredentials,
  adminToken,
  fetchApi,
  keepFirstPassword,
  KNOWN_ADMIN,
} from './signed-in.ts';
export { untilArchived } from './until-archived.ts';
