export { openDoors } from './open-doors.ts';
export { startPlatform, type Platform } from './platform.ts';
