export {
  HOURS_A_DAY,
  hourOf,
  hoursOfPoints,
  MS_PER_HOUR,
  MS_PER_SLOT,
  rangeOfHour,
  rangeOfMs,
  SLOTS_AN_HOUR,
} from './hour.ts';
export {
  hourBounds,
  readingOf,
  readingOfRange,
  wholeHours,
  wholeSlots,
  withoutHours,
  withoutSlots,
  type PointReading,
} from './point-reading.ts';
