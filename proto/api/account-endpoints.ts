import { z } from 'zod';
import { apiKey, auditEntry, done, newApiKey, serviceAccount, apiKeys } from './access.ts';
import {
  accountPath,
  auditQuery,
  changedUserBody,
  keyPath,
  newKeyBody,
  newUserBody,
} from './access-requests.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { noParameters } from './requests.ts';
import { listOf, named, record } from './values.ts';

const ONE_ID = '0b4a1c2e-6f0d-4c3b-9a57-0d7f5b1f3a10';

/** Service accounts, keys, and who did what. */
export const ACCOUNT_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/service-accounts',
    tag: 'service accounts',
    needs: 'users:read',
    summary: 'Programs that have keys of their own, by login',
    queryParameters: noParameters,
    answer: named('ServiceAccounts', record({ accounts: listOf(serviceAccount) })),
    rows: { key: 'accounts', item: serviceAccount },
    example: '/api/v1/service-accounts',
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/service-accounts',
    tag: 'service accounts',
    needs: 'users:write',
    summary: 'Make a service account',
    queryParameters: noParameters,
    body: newUserBody,
    answer: serviceAccount,
    errors: ['CONFLICT'],
    example: '/api/v1/service-accounts',
  }),
  endpoint({
    method: 'PATCH',
    path: '/api/v1/service-accounts/:accountId',
    tag: 'service accounts',
    needs: 'users:write',
    summary: 'Change a service account: name, roles, whether its keys count',
    pathParameters: accountPath,
    queryParameters: noParameters,
    body: changedUserBody,
    answer: serviceAccount,
    example: `/api/v1/service-accounts/${ONE_ID}`,
  }),
  endpoint({
    method: 'POST',
    path: '/api/v1/service-accounts/:accountId/keys',
    tag: 'service accounts',
    needs: 'keys:write',
    summary: 'Make an API key of a service account',
    description: 'Nobody makes one of an account that may do more than they may themselves.',
    pathParameters: accountPath,
    queryParameters: noParameters,
    body: newKeyBody,
    answer: newApiKey,
    errors: ['CONFLICT'],
    example: `/api/v1/service-accounts/${ONE_ID}/keys`,
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/keys',
    tag: 'service accounts',
    needs: 'keys:write',
    summary: 'All API keys, newest first',
    queryParameters: noParameters,
    answer: apiKeys,
    rows: { key: 'keys', item: apiKey },
    example: '/api/v1/keys',
  }),
  endpoint({
    method: 'DELETE',
    path: '/api/v1/keys/:keyId',
    tag: 'service accounts',
    needs: 'keys:write',
    summary: 'Revoke an API key, whoever has it',
    pathParameters: keyPath,
    queryParameters: noParameters,
    answer: done,
    example: `/api/v1/keys/${ONE_ID}`,
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/audit',
    tag: 'audit',
    needs: 'audit:read',
    summary: 'Who did what',
    description: '`ophion audit export --url` writes all of it, page by page.',
    queryParameters: auditQuery,
    answer: named(
      'AuditLog',
      record({
        entries: listOf(auditEntry),
        nextCursor: z.string().nullable().meta({
          description:
            'where the next page begins, null on the last; formats of rows have it as the header X-Ophion-Next-Cursor',
        }),
      }),
    ),
    rows: { key: 'entries', item: auditEntry, isForSpreadsheets: true },
    example: '/api/v1/audit?action=sign-in&outcome=refused',
  }),
] as const satisfies readonly Endpoint[];
