/**
 * Processes of this computer by their numbers: whether one runs, and whether it is still the one that was
 * meant.
 */
import { statOf } from './proc.ts';

/** Whether a process with this id runs, one of another user included. */
export function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in ticks since the computer did; null where the system does not tell: only Linux does. */
export function startOf(pid: number): string | null {
  return statOf(pid)?.start ?? null;
}

/** Whether the process that started at `start` still runs, for its id may belong to another one by now; null: any of that id. */
export function isStillRunning(pid: number, start: string | null): boolean {
  if (!isRunning(pid)) return false;
  const stat = statOf(pid);
  if (stat === null) return true;
  // one that has ended and that nobody has waited for keeps its id
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return start === null || stat.start === start;
}

/** Whether the terminal is this process group's; where that cannot be known it is taken to be. */
export function isInForeground(): boolean {
  const stat = statOf('self');
  return stat === null || stat.group === stat.terminalGroup;
}
