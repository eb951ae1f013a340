export { answerBand, answerCapacity, answerForecast } from './outlook-answers.ts';
