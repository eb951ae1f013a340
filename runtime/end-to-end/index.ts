export { runCrashTrial, type CrashReport } from './crash-trial.ts';
