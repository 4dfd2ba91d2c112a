/**
 * Processes of this computer: whether one runs, and is still the one that was meant; and what Linux tells in /proc of them, of processors
 * and control groups (proc(5)), apart from reading, for recorded computers.
 */

import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os, { availableParallelism, platform } from 'node:os';
import { promisify } from 'node:util';

/** The processor's own name. */
export function processorName(): string {
  return os.cpus()[0]?.model.trim() || os.arch();
}

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

/** When a process started, in the words of its system; null where that does not tell. Windows has a slow program for it alone. */
export function startOf(pid: number): string | null {
  return platform() === 'darwin' ? startByPs(pid) : (statOf(pid)?.start ?? null);
}

/** When a process started, as ps(1) says it, in one word. */
export function startByPs(pid: number): string | null {
  try {
    const env = { LC_ALL: 'C', TZ: 'UTC' };
    const said = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 2000,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...env },
    });
    return said.trim().replace(/\s+/g, '-') || null;
  } catch {
    return null;
  }
}

/** What tells this process from others of its id, before and after: its start, or a pipe of its own. */
export function ownStart(): string | null {
  if (platform() !== 'win32') return startOf(process.pid);
  ownPipe ??= openPipe();
  return ownPipe;
}

/** Under Windows a pipe is gone with its process, however that ends, and can be looked for at once. */
let ownPipe: string | null = null;
const pipePath = (pid: number, name: string) => `\\\\.\\pipe\\fettle-${pid}-${name}`;

function openPipe(): string | null {
  const name = randomBytes(12).toString('hex');
  const server = createServer((guest) => guest.on('error', () => {}).destroy()).on('error', () => {});
  server.listen(pipePath(process.pid, name)).unref();
  // where pipes are refused nothing is known of this process
  return hasPipe(process.pid, name) ? name : null;
}

function hasPipe(pid: number, name: string): boolean {
  try {
    closeSync(openSync(pipePath(pid, name), 'r'));
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Whether the process that started at `start` still runs, for its id may belong to another one by now; null: any of that id. */
export function isStillRunning(pid: number, start: string | null): boolean {
  if (!isRunning(pid)) return false;
  if (platform() === 'win32') return start === null || hasPipe(pid, start);
  const stat = statOf(pid);
  if (stat === null) return start === null || [start, null].includes(startOf(pid));
  // one that has ended and that nobody has waited for keeps its id
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return start === null || stat.start === start;
}

/** Whether the terminal is this process group's; where that cannot be known it is taken to be. */
export function isInForeground(): boolean {
  const stat = statOf('self');
  return stat === null || stat.group === stat.terminalGroup;
}

/** The text of a file of the system; null where it cannot be read. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** The number behind `name` in a list of "name: 12 kB" or "name 12"; NaN where it is not there. */
export function numberAt(text: string | null | undefined, name: string): number {
  return Number(new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(text ?? '')?.[1]);
}

/** What /proc/cpuinfo says of each processor, by names in small letters. */
export function processorsIn(cpuinfo: string): readonly ReadonlyMap<string, string>[] {
  return cpuinfo
    .split(/\n\s*\n/)
    .map((block) => {
      const pairs = [...block.matchAll(/^([\w ]+?)\s*:[ \t]*(.*?)\s*$/gm)];
      return new Map(pairs.map(([, key, value]) => [key!.toLowerCase(), value!]));
    })
    .filter((lines) => lines.has('processor'));
}

/** Distinct pairs of socket and core in the text of /proc/cpuinfo; 0 where it does not name cores. */
export function coresOfCpuinfo(cpuinfo: string): number {
  const named = processorsIn(cpuinfo).filter((lines) => lines.has('core id'));
  return new Set(named.map((lines) => `${lines.get('physical id') ?? 0}:${lines.get('core id')}`)).size;
}

/** Reads /proc/self/cgroup: the path of each controller; version 2 has the name "". */
export function groupsIn(text: string): ReadonlyMap<string, string> {
  const lines = [...text.matchAll(/^\d+:([^:]*):(.*)$/gm)];
  return new Map(lines.flatMap(([, names, path]) => names!.split(',').map((name) => [name, path!] as const)));
}

/**
 * The largest resident memory of this process so far, bytes. On Linux it is VmHWM, which starts over with a program: the figure of
 * getrusage(2) is kept over execve(2), and begins with what the parent had.
 */
export function peakResidentBytes(): number {
  const kib = process.platform === 'linux' ? numberAt(readText('/proc/self/status'), 'VmHWM') : 0;
  return (kib > 0 ? kib : process.resourceUsage().maxRSS) * 1024;
}

/** What a process takes; null where the system does not tell. */
export interface Usage {
  readonly rssBytes: number | null;
  readonly cpuMs: number | null;
}

/** A tick of /proc/<pid>/stat, on every Linux that Node runs on. */
const TICK_MS = 10;
/** What tells resident memory elsewhere, in KiB, as the only or the last number. */
const TELL_MEMORY: Partial<Record<NodeJS.Platform, (pid: number) => [program: string, args: string[]]>> = {
  darwin: (pid) => ['ps', ['-o', 'rss=', '-p', String(pid)]],
  win32: (pid) => ['tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']],
};

/** The resident memory of a process, and the time that it has computed; never rejects. */
export async function usageOf(pid: number): Promise<Usage> {
  if (process.platform === 'linux') {
    const kib = numberAt(readText(`/proc/${pid}/status`), 'VmRSS');
    return { rssBytes: kib > 0 ? kib * 1024 : null, cpuMs: statOf(pid)?.cpuMs ?? null };
  }
  const [program, args] = TELL_MEMORY[process.platform]?.(pid) ?? [];
  if (program === undefined) return { rssBytes: null, cpuMs: null };
  const said = await promisify(execFile)(program, args, { timeout: 5000 }).catch(() => ({ stdout: '' }));
  const kib = Number(/([\d.,\s\u00a0]+)\D*$/.exec(said.stdout.trim())?.[1]?.replace(/\D/g, ''));
  return { rssBytes: kib > 0 ? kib * 1024 : null, cpuMs: null };
}

/** The fields of /proc/<pid>/stat that are used; null where there is no such file. */
function statOf(pid: number | 'self') {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // the name before the last parenthesis may contain anything; the state, field 3, is the first after it
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  return { state: fields[0], group: fields[2], terminalGroup: fields[5], cpuMs, start: fields[19] ?? null };
}

/**
 * How many threads to compute with. Two threads of one core share its arithmetic units, so matrix products run fastest with one thread a
 * physical core, which Node does not report.
 */

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

/** What limits threads, the first that is there: the convention of numeric libraries, and what Slurm gave a job, which it need not enforce. */
const LIMITS = ['OMP_NUM_THREADS', 'SLURM_CPUS_PER_TASK', 'SLURM_CPUS_ON_NODE'] as const;

/** The threads to compute with where nobody says: one a physical core, or fewer where a limit is set. */
export function usualThreads(env: NodeJS.ProcessEnv = process.env): number {
  const most = Number(LIMITS.map((name) => env[name]).find(Boolean));
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
