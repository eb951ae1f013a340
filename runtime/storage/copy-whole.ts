import { access, cp, rename, rm } from 'node:fs/promises';

/** Copies a directory to a place where nothing is yet. All of it or nothing: a copy that was cut short is made anew. */
export async function copyWhole(from: string, to: string): Promise<void> {
  const unfinished = `${to}.copying`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, to);
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
