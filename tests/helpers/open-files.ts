/** The files that this process has open: what forgets to close one is found by what is left. */
import { readdirSync, readlinkSync } from 'node:fs';

/** Whether the system tells which files are open. */
export const TELLS_OPEN_FILES = process.platform === 'linux';

/** Those whose paths begin with `start`, deleted ones included. */
export function openFiles(start: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${fd}`);
      return file.startsWith(start) ? [file.slice(start.length)] : [];
    } catch {
      // that of the list itself
      return [];
    }
  });
}
