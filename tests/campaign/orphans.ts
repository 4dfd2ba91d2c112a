/** Processes that are still at work where none should be. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Those, but for this one, whose FETTLE_HOME is `home`; on Linux, where the system tells. */
export function orphansOf(home: string): number[] {
  if (!existsSync('/proc/self/environ')) return [];
  const own = `FETTLE_HOME=${home}`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const isGone = /\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
        return (
          pid !== process.pid &&
          !isGone &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(own)
        );
      } catch {
        return false;
      }
    });
}
