export * from './log-json.ts';
export * from './origin-json.ts';
export * from './point-json.ts';
export { idHex, rowAttributesJson } from './row-json.ts';
export * from './span-json.ts';
export * from './value-json.ts';
export * from './value-text.ts';
export { anyValueJsonText } from './any-value-json-text.ts';
