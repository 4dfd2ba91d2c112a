/** Gives a file or folder its name. Under Windows a virus scanner or another reader can hold it for a moment, so that is tried again. */
import { renameSync } from 'node:fs';
import { rename as renameOnce } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PASSING: readonly (string | undefined)[] = ['EPERM', 'EACCES', 'EBUSY'];
/** Milliseconds to wait before each further attempt. */
const WAITS_MS = [40, 80, 160, 320, 640];

/** What is waited before attempt `number` after `error`; where that can't pass, the error is thrown. */
function waitAfter(error: unknown, number: number): number {
  const wait = WAITS_MS[number];
  const { code } = error as NodeJS.ErrnoException;
  if (process.platform !== 'win32' || wait === undefined || !PASSING.includes(code)) throw error;
  return wait;
}

export async function rename(from: string, to: string): Promise<void> {
  for (let number = 0; ; number++) {
    try {
      return await renameOnce(from, to);
    } catch (error) {
      await sleep(waitAfter(error, number));
    }
  }
}

/** The same where nobody else may come in between: this thread stands still meanwhile. */
export function renameAtOnce(from: string, to: string): void {
  for (let number = 0; ; number++) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitAfter(error, number));
    }
  }
}
