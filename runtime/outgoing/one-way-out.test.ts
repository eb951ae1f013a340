import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PLANTED = {
  fetch: "export const found = await fetch('http://169.254.169.254/');",
  'node:http': "import { request } from 'node:http';\nrequest('http://169.254.169.254/');",
  'node:https': "import { get } from 'node:https';\nget('https://169.254.169.254/');",
};

describe('requests to the outside', () => {
  const eslint = new ESLint({
    cwd: ROOT,
    // The two rules alone, as the project sets them: no types of a file that is not there.
    ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-globals' || ruleId === 'no-restricted-imports',
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  });
  const complaints = async (code: string, file: string): Promise<number> => {
    const [result] = await eslint.lintText(code, { filePath: `${ROOT}${file}` });
    return result?.messages.filter(({ message }) => message.includes('runtime/outgoing')).length ?? 0;
  };

  it.each(Object.entries(PLANTED))('are made by runtime/outgoing alone: %s', async (_name, code) => {
    for (const file of ['runtime/api/planted.ts', 'runtime/settings/planted.ts', 'actors/planted.ts']) {
      expect([file, await complaints(code, file)]).toEqual([file, 1]);
    }
    expect(await complaints(code, 'runtime/outgoing/planted.ts')).toBe(0);
  });
});
