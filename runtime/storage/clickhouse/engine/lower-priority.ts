import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

/**
 * Lets other processes go first where processors are scarce; `nice` is from 0 to 19. Linux may weigh sessions first and processes
 * only within one (autogroup), and this process has a session of its own: its weight is that of the session then. To be called before
 * other threads are started, which inherit theirs. Where a system has neither, or forbids it, all are equal as before.
 */
export async function lowerPriority(nice: number): Promise<void> {
  try {
    setPriority(nice);
    await writeFile('/proc/self/autogroup', String(nice));
  } catch {
    // Nothing depends on it.
  }
}
