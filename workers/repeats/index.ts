export { countRepeats, joinRepeats, type RepeatedLine, type RepeatedLines } from './count-repeats.ts';
