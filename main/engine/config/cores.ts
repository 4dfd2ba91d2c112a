/**
 * How many threads to compute with. Two threads of one core share its arithmetic units, so matrix products run
 * fastest with one thread a physical core, which Node does not report.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, platform } from 'node:os';

/** Physical cores that this process may use, at least 1; the logical count where the system does not tell. */
export function physicalCores(): number {
  const logical = availableParallelism();
  try {
    const physical =
      platform() === 'linux' ? coresOfCpuinfo(readFileSync('/proc/cpuinfo', 'utf8')) : askSystem();
    return physical > 0 ? Math.min(physical, logical) : logical;
  } catch {
    return logical;
  }
}

/** What to say of a number of threads that is beyond the cores; null where it is not. */
export function tooManyThreads(threads: number, cores = physicalCores()): string | null {
  if (threads <= cores) return null;
  const has = cores === 1 ? 'has 1 core' : `has ${cores} cores`;
  return `This computer ${has}: ${threads} threads share them, and make nothing faster.`;
}

/** Number of distinct (socket, core) pairs in the text of Linux's /proc/cpuinfo; 0 where it does not name cores. */
export function coresOfCpuinfo(text: string): number {
  const cores = new Set<string>();
  for (const block of text.split(/\n\s*\n/)) {
    const socket = /^physical id\s*:\s*(\d+)/m.exec(block)?.[1];
    const core = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
    if (core !== undefined) cores.add(`${socket ?? 0}:${core}`);
  }
  return cores.size;
}

function askSystem(): number {
  // Starting PowerShell to ask takes a second; on Windows the logical count is the better default.
  if (platform() !== 'darwin') return 0;
  return Number(
    execFileSync('/usr/sbin/sysctl', ['-n', 'hw.physicalcpu'], { encoding: 'utf8', timeout: 2000 }),
  );
}
