/** A real Slurm on this computer: a head with sshd, and two computers with names and networks of their own (slurm-cluster.sh). */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type SshKeys, sshKeys, whyNoSshd, writeSshConfig } from './sshd.ts';

const SCRIPT = path.join(import.meta.dirname, 'slurm-cluster.sh');
const NEEDED = ['slurmctld', 'slurmd', 'sbatch', 'munged', 'ip', 'unshare', 'nsenter'];
const APART = ['--net', '--uts', '--mount', '--pid', '--fork', '--kill-child'];
const STARTED_MS = 30_000;

/** Why no Slurm can be started; null where it can. */
export function whyNoSlurm(): string | null {
  if (process.getuid?.() !== 0) return 'namespaces need root';
  const missing = NEEDED.find((name) => spawnSync('which', [name]).status !== 0);
  if (missing) return `there is no ${missing}`;
  if (!existsSync('/etc/slurm')) return 'there is no /etc/slurm';
  const tried = 'mount -t proc proc /proc && ip link add bridge0 type bridge';
  if (spawnSync('unshare', [...APART, 'sh', '-c', tried]).status !== 0) return 'namespaces are refused here';
  return whyNoSshd();
}

export interface Slurm {
  /** A configuration of ssh that knows the head as `far`. */
  readonly config: string;
  /** Runs a command on the head, as its administrator, and gives what it printed. */
  admin(command: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts one that keeps its files in `folder`. */
export async function startSlurm(folder: string): Promise<Slurm> {
  const keys: SshKeys = sshKeys(folder);
  const child = spawn('unshare', [...APART, 'bash', SCRIPT, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const head = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('Slurm did not start')), STARTED_MS);
    child.once('exit', () => reject(new Error('Slurm ended')));
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(late);
      resolve(line);
    });
  }).catch(async (error) => {
    await stop();
    throw error;
  });
  const there = ['nsenter', '--target', head, '--net', '--uts', '--mount', '--pid'];
  const config = writeSshConfig(keys, [`ProxyCommand ${there.join(' ')} ${keys.server} -i`]);
  const run = promisify(execFile);
  const admin = async (command: string) =>
    (await run(there[0]!, [...there.slice(1), 'sh', '-c', command])).stdout;
  return { config, admin, stop };
}
