import { MEDIA_TYPES, type AnswerFormat, type Endpoint } from '../../../proto/api/index.ts';
import type { HttpResponse } from '../../http/index.ts';
import { WrittenAnswer } from '../written-answer.ts';
import { arrowChunks } from './arrow-body.ts';
import { columnsOf } from './columns.ts';
import { csvChunks, isLongList, jsonChunks, ndjsonChunks } from './text-bodies.ts';

const CSV = `${MEDIA_TYPES.csv}; charset=utf-8; header=present`;

/** An endpoint's answer in one of its formats. Long lists are written while they are sent. */
export function answerBody(
  { rows }: Endpoint,
  answer: Readonly<Record<string, unknown>> | WrittenAnswer,
  format: AnswerFormat,
): Pick<HttpResponse, 'body'> & { readonly contentType: string } {
  const contentType = format === 'csv' ? CSV : MEDIA_TYPES[format];
  if (answer instanceof WrittenAnswer) return { contentType, body: answer.chunks };
  if (rows === undefined) return { contentType, body: JSON.stringify(answer) };
  const list = answer[rows.key] as readonly unknown[];
  switch (format) {
    case 'ndjson':
      return { contentType, body: ndjsonChunks(list) };
    case 'csv':
      return { contentType, body: csvChunks(list, columnsOf(rows.item), rows) };
    case 'arrow':
      return { contentType, body: arrowChunks(list, columnsOf(rows.item)) };
    default: {
      const isLong = Object.values(answer).some(isLongList);
      return { contentType, body: isLong ? jsonChunks(answer) : JSON.stringify(answer) };
    }
  }
}
