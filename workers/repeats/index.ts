export { countRepeats, joinRepeats, type RepeatedLine } from './count-repeats.ts';
