export { hourOf, hoursOfPoints, MS_PER_HOUR, rangeOfHour, rangeOfMs } from './hour.ts';
export {
  hourBounds,
  readingOf,
  readingOfRange,
  wholeHours,
  withoutHours,
  type PointReading,
} from './point-reading.ts';
