import { problemOf, urlOf, type ApiGetPath, type ApiRequest } from '../../proto/api/index.ts';
import { sessionFetch } from './client.ts';

const FORMATS = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
} as const;
export type SavedFormat = keyof typeof FORMATS;

/** Lets the browser save what the API answers, as a file of this name. Throws an `ApiProblem`. */
export async function saveAnswer<P extends ApiGetPath>(
  request: ApiRequest<P>,
  format: SavedFormat,
  name: string,
): Promise<void> {
  const response = await sessionFetch(urlOf(request), {
    method: 'GET',
    headers: { accept: FORMATS[format] },
  });
  if (!response.ok) throw await problemOf(response);
  saveFile(await response.blob(), `ophion-${name}-${new Date().toISOString().slice(0, 10)}.${format}`);
}

export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
