/** Processes that are still at work where none should be. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that notices that it is alone gets so long to end. */
const ENDING_MS = 10_000;

/** Those that still go on when they have had the time to end by themselves. */
export async function lastingOrphansOf(home: string): Promise<number[]> {
  const end = Date.now() + ENDING_MS;
  while (orphansOf(home).length > 0 && Date.now() < end) await sleep(50);
  return orphansOf(home);
}

/** Those, but for this one, whose FETTLE_HOME is `home`; on Linux, where the system tells. */
function orphansOf(home: string): number[] {
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
