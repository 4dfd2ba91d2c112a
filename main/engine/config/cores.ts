/**
 * How many threads to compute with. Two threads of one core share its arithmetic units, so matrix products run
 * fastest with one thread a physical core, which Node does not report.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, platform } from 'node:os';
import { coresOfCpuinfo, readText } from '../../processes.ts';

/** Physical cores that this process may use, at least 1; the logical count where the system does not tell. */
export function physicalCores(): number {
  const logical = availableParallelism();
  try {
    const physical = platform() === 'linux' ? coresOfCpuinfo(readText('/proc/cpuinfo') ?? '') : askSystem();
    return physical > 0 ? Math.min(physical, logical) : logical;
  } catch {
    return logical;
  }
}

/** The threads to compute with where nobody says: one a physical core, or fewer by the convention of numeric libraries. */
export function usualThreads(limit = process.env.OMP_NUM_THREADS): number {
  const most = Number(limit);
  return Number.isInteger(most) && most > 0 ? Math.min(most, physicalCores()) : physicalCores();
}

/** What to say of a number of threads that is beyond the cores; null where it is not. */
export function tooManyThreads(threads: number, cores = physicalCores()): string | null {
  if (threads <= cores) return null;
  const has = cores === 1 ? 'has 1 core' : `has ${cores} cores`;
  return `This computer ${has}: ${threads} threads share them, and make nothing faster.`;
}

function askSystem(): number {
  // Starting PowerShell to ask takes a second; on Windows the logical count is the better default.
  if (platform() !== 'darwin') return 0;
  return Number(
    execFileSync('/usr/sbin/sysctl', ['-n', 'hw.physicalcpu'], { encoding: 'utf8', timeout: 2000 }),
  );
}
