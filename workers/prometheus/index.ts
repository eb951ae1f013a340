export { answerPromql, type FetchedSelector, type PromqlAnswer } from './answer-promql.ts';
