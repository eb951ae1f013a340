import { createApiClient } from '../../proto/api/index.ts';

/** The API of the server that the page came from. */
export const api = createApiClient({ origin: '', fetch: (url, init) => fetch(url, init) });
