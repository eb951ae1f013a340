export { runCrashTrial } from './crash-trial.ts';
export { leftProcessesOf, processesOf, startPlatformProcess } from './platform-process.ts';
export { startRetryingLoad } from './run-retrying-load.ts';
export { balanceOf, readStoredRequests } from './stored-requests.ts';
export { untilArchived } from './until-archived.ts';
