// @ts-check
import comments from '@eslint-community/eslint-plugin-eslint-comments/configs';
import js from '@eslint/js';
import vitest from '@vitest/eslint-plugin';
import node from 'eslint-plugin-n';
import solid from 'eslint-plugin-solid/configs/typescript';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const server = ['proto/**/*.ts', 'workers/**/*.ts', 'actors/**/*.ts', 'runtime/**/*.ts', 'bench/**/*.ts'];

export default defineConfig(
  // AssemblyScript looks like TypeScript and is not: its compiler checks it.
  globalIgnores(['dist/', 'coverage/', 'data/', 'workers/decode/wasm/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  comments.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      curly: ['error', 'multi-line'],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      complexity: ['error', { max: 12, variant: 'modified' }],
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/prefer-for-of': 'off',
      '@eslint-community/eslint-comments/require-description': ['error', { ignore: [] }],
    },
  },
  {
    files: server,
    plugins: { n: node },
    rules: {
      'n/prefer-node-protocol': 'error',
      'n/no-process-exit': 'error',
      'n/no-process-env': 'error',
      'n/no-sync': 'error',
    },
  },
  // Reading a column counts: every `column[row] ?? 0` is a branch to the rule, and none to the reader.
  { files: ['workers/**/*.ts'], rules: { complexity: ['error', { max: 16, variant: 'modified' }] } },
  {
    files: ['runtime/config/**', 'runtime/main.ts', 'runtime/end-to-end/**', 'bench/**', '**/*.test.ts'],
    rules: { 'n/no-process-env': 'off' },
  },
  // Requests to the outside have one door, which knows where they may go.
  {
    files: ['proto/**/*.ts', 'workers/**/*.ts', 'actors/**/*.ts', 'runtime/**/*.ts'],
    ignores: [
      'runtime/outgoing/**',
      'runtime/cli/**',
      'runtime/end-to-end/**',
      '**/*.test.ts',
      '**/fixtures/**',
    ],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Ask by runtime/outgoing.' }],
      'no-restricted-imports': [
        'error',
        ...['node:http', 'node:https'].map((name) => ({
          name,
          importNames: ['request', 'get'],
          message: 'Ask by runtime/outgoing.',
        })),
      ],
    },
  },
  { files: ['runtime/main.ts', 'bench/**'], rules: { 'n/no-process-exit': 'off' } },
  { files: ['**/*.test.{ts,tsx}', 'bench/**'], rules: { 'n/no-sync': 'off', 'no-console': 'off' } },
  {
    files: ['*.config.ts', 'web/*.config.ts', 'runtime/setup/*.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['web/**/*.{ts,tsx}'],
    extends: [solid],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  {
    files: ['**/*.test.{ts,tsx}'],
    extends: [vitest.configs.recommended],
    rules: {
      'max-lines': 'off',
      'vitest/consistent-test-it': ['error', { fn: 'it', withinDescribe: 'it' }],
      'vitest/no-focused-tests': 'error',
      'vitest/no-disabled-tests': 'error',
      'vitest/expect-expect': ['error', { assertFunctionNames: ['expect*'] }],
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        AbortController: 'readonly',
      },
    },
    rules: { 'no-console': 'off', '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
