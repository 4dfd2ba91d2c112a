/** A disk of its own that can be filled to the last byte; making one needs root. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const canMakeDisks = process.getuid?.() === 0;

export interface SmallDisk {
  fill(): void;
  empty(): void;
  /** Takes it away from `folder`. */
  unmount(): void;
}

/** Makes one of so many MiB at `folder`. */
export function smallDisk(folder: string, mebibytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
  const filler = path.join(folder, 'filler');
  return {
    fill() {
      for (const piece of [2 ** 20, 4096]) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(piece), { flag: 'a' });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    },
    empty: () => rmSync(filler, { force: true }),
    unmount: () => execFileSync('umount', ['--lazy', folder]),
  };
}
