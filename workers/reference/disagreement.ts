import { isDeepStrictEqual } from 'node:util';
import type { Type } from 'protobufjs';
import {
  DICTIONARY_NAMES,
  type DecodedRequest,
  type DictionarySnapshot,
  type Signal,
  type UndecodableRequest,
} from '../../proto/columns/index.ts';
import { columnsByName } from '../columns/index.ts';
import { rowsOf } from './decoded-rows.ts';
import { expectedRows } from './expected-rows.ts';

type Decoded = DecodedRequest | UndecodableRequest;

/** What a decoder may refuse although protobufjs reads it: see workers/decisions/0002. */
const OURS_TO_REFUSE = /wire type [34]|longer than 10 bytes|has the number 0|more than 100 deep/;
/** What protobufjs may refuse although a decoder reads it: text that is not UTF-8 is replaced when it is read. */
const THEIRS_TO_REFUSE = /utf|encoded data/i;

/** How a decoder contradicts protobufjs about what `bytes` hold; `undefined` when it does not. `type` has no string indices. */
export function disagreement(
  type: Type,
  signal: Signal,
  bytes: Uint8Array,
  decoded: Decoded,
): string | undefined {
  let message: unknown;
  try {
    message = type.decode(bytes);
  } catch (error) {
    const isTheirs = THEIRS_TO_REFUSE.test(String(error));
    return 'undecodable' in decoded || isTheirs
      ? undefined
      : `read, but protobufjs refuses: ${String(error)}`;
  }
  if ('undecodable' in decoded) {
    return OURS_TO_REFUSE.test(decoded.reason) ? undefined : `protobufjs reads it, but: ${decoded.reason}`;
  }
  const rows = rowsOf(decoded);
  const expected = expectedRows(signal, type, message);
  return isDeepStrictEqual(rows, expected) ? undefined : `rows\n${show(rows)}\nfor\n${show(expected)}`;
}

/** How two decoders that were given the same requests contradict each other, down to the codes and the buffers. */
export function differenceBetween(left: Decoded, right: Decoded): string | undefined {
  if ('undecodable' in left || 'undecodable' in right) {
    return isDeepStrictEqual(left, right) ? undefined : `${outcomeOf(left)}, but ${outcomeOf(right)}`;
  }
  const { batches: leftBatches, ...leftCounts } = left;
  const { batches: rightBatches, ...rightCounts } = right;
  if (!isDeepStrictEqual(leftCounts, rightCounts)) return `${show(leftCounts)}, but ${show(rightCounts)}`;
  if (leftBatches.length !== rightBatches.length) return 'another number of batches';
  for (const [index, { service, batch }] of leftBatches.entries()) {
    const other = rightBatches[index];
    if (!other || !isDeepStrictEqual(service, other.service)) return `batch ${index} is another service's`;
    const { buffer, dictionary, ...content } = batch;
    const { buffer: otherBuffer, dictionary: otherDictionary, ...otherContent } = other.batch;
    // Where arrays of zeros stand is each engine's own affair: a row that was discarded may have left one in the buffer.
    const zeroArrays = 0;
    const path =
      difference(
        { ...content, zeroArrays, columns: columnsByName(batch) },
        { ...otherContent, zeroArrays, columns: columnsByName(other.batch) },
        `batch ${index}`,
      ) ?? tables(dictionary, otherDictionary);
    if (path !== undefined) return path;
    if (buffer.byteLength > otherBuffer.byteLength) return `batch ${index} takes more memory`;
  }
  return undefined;
}

/** The place where two trees of typed arrays and numbers differ. */
function difference(left: unknown, right: unknown, path: string): string | undefined {
  if (ArrayBuffer.isView(left) && ArrayBuffer.isView(right)) {
    return left.constructor === right.constructor && bytesOf(left).equals(bytesOf(right)) ? undefined : path;
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return left === right ? undefined : `${path}: ${String(left)}, but ${String(right)}`;
  }
  const entries = Object.entries(left);
  if (entries.length !== Object.keys(right).length) return `${path} has other fields`;
  for (const [name, value] of entries) {
    const found = difference(value, (right as Record<string, unknown>)[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function tables(left: DictionarySnapshot, right: DictionarySnapshot): string | undefined {
  for (const name of DICTIONARY_NAMES) {
    const path = difference(left.tables[name], right.tables[name], name);
    if (path !== undefined) return path;
  }
  return undefined;
}

function bytesOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function outcomeOf(decoded: Decoded): string {
  return 'undecodable' in decoded ? decoded.reason : `${decoded.accepted} accepted`;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}
