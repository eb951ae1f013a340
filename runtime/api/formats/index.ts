export { answerBody } from './answer-body.ts';
export { negotiate } from './negotiate.ts';
export * from './spreadsheet-cell.ts';
