import type { FileHandle } from 'node:fs/promises';

/** Writes all of `parts`, one behind the other, from `position` on, in as many calls as that takes. */
export async function writeParts(
  file: Pick<FileHandle, 'writev'>,
  parts: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let left = dropBytes(parts, 0);
  let at = position;
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    left = dropBytes(left, bytesWritten);
  }
}

/** What is left of `parts` without their first bytes. Empty parts at the front are dropped too. */
function dropBytes(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let toDrop = count;
  let first = 0;
  for (; first < parts.length; first++) {
    const { length } = parts[first] ?? { length: 0 };
    if (length > toDrop) break;
    toDrop -= length;
  }
  const left = parts.slice(first);
  const head = left[0];
  if (head && toDrop > 0) left[0] = head.subarray(toDrop);
  return left;
}
