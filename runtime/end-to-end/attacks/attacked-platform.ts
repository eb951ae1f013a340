import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Grant } from '../../auth/index.ts';
import type { Platform } from '../../platform/index.ts';
import { makeUser, tokenOf } from '../access-people.ts';
import { startTestPlatform } from '../test-platform.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A platform, and what somebody who means it no good does with it. */
export interface AttackedPlatform {
  readonly platform: Platform;
  as(token: string, method: string, path: string, body?: unknown): Promise<Reply>;
  /** Makes these roles, and a user who has them; answers the user's id and a token. */
  somebody(
    login: string,
    roles: Readonly<Record<string, Grant>>,
  ): Promise<{ readonly id: string; readonly token: string }>;
  stop(): Promise<void>;
}

export async function startAttackedPlatform(
  settings: Readonly<Record<string, string>> = {},
): Promise<AttackedPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'ophion-attacked-'));
  const platform = await startTestPlatform(folder, { OPHION_QUERY_RATE: '0', ...settings });
  const { users } = platform.access;
  return {
    platform,
    async as(token, method, path, body) {
      const response = await fetch(`http://127.0.0.1:${platform.ports.api}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const { status, headers } = response;
      return { status, headers, text: await response.text() };
    },
    async somebody(login, roles) {
      for (const [name, grant] of Object.entries(roles)) {
        await users.change((query) => users.putRole(query, name, grant));
      }
      const id = await makeUser(platform, login, Object.keys(roles));
      return { id, token: await tokenOf(platform, id) };
    },
    async stop() {
      await platform.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
