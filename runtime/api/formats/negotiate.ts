import { MEDIA_TYPES, type AnswerFormat } from '../../../proto/api/index.ts';
import { ApiError } from '../api-error.ts';

interface Range {
  readonly type: string;
  readonly quality: number;
}

/** As RFC 9110 has it: the most specific range that names a type gives its quality; 0 is a refusal. */
function rangesOf(accept: string): Range[] {
  return accept.split(',').flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    if (type === '') return [];
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return [{ type, quality: quality === undefined ? 1 : Math.min(1, Number(quality) || 0) }];
  });
}

function qualityOf(ranges: readonly Range[], mediaType: string): number {
  const [major = ''] = mediaType.split('/');
  for (const wanted of [mediaType, `${major}/*`, '*/*']) {
    const range = ranges.find(({ type }) => type === wanted);
    if (range) return range.quality;
  }
  return 0;
}

/** The format that the client likes best of those there are; among equals the first. */
export function negotiate(accept: string | undefined, offered: readonly AnswerFormat[]): AnswerFormat {
  const ranges = rangesOf(accept ?? '');
  const [first = 'json'] = offered;
  if (ranges.length === 0) return first;
  let best: { readonly format: AnswerFormat; readonly quality: number } = { format: first, quality: 0 };
  for (const format of offered) {
    const quality = qualityOf(ranges, MEDIA_TYPES[format]);
    if (quality > best.quality) best = { format, quality };
  }
  if (best.quality > 0) return best.format;
  throw new ApiError(
    'NOT_ACCEPTABLE',
    `the answer cannot be had as ${accept ?? ''}`.slice(0, 300),
    `accept ${offered.map((format) => MEDIA_TYPES[format]).join(', ')}`,
  );
}
