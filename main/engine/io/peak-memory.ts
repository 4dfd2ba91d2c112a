/** How much memory a process has had at most. */
import { readFileSync } from 'node:fs';

/**
 * The largest resident memory of this process so far, bytes. On Linux it is VmHWM of proc(5), which begins anew with a program: the figure of
 * getrusage(2) is kept over execve(2), and begins with what the process had that started this one.
 */
export function peakResidentBytes(): number {
  const highest = process.platform === 'linux' ? highWaterMark() : null;
  return highest ?? process.resourceUsage().maxRSS * 1024;
}

/** null where the system does not tell. */
function highWaterMark(): number | null {
  try {
    const kib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    return kib > 0 ? kib * 1024 : null;
  } catch {
    return null;
  }
}
