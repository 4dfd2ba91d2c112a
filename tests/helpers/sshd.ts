/** A real sshd on this computer's own address, with keys of its own, and a home folder that is not the person's. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

const SSHD = '/usr/sbin/sshd';

/** A Python with what train.py needs; null and why where there is none. */
export function torchPython(): { readonly python: string } | { readonly why: string } {
  const python = process.env.FETTLE_TEST_PYTHON;
  if (!python) return { why: 'FETTLE_TEST_PYTHON names no Python with PyTorch, TRL and PEFT' };
  const { status } = spawnSync(python, ['-c', 'import torch, trl, peft']);
  return status === 0 ? { python } : { why: `${python} lacks torch, trl or peft` };
}

/** Why no sshd can be started; null where it can. */
export function whyNoSshd(): string | null {
  if (!existsSync(SSHD)) return `there is no ${SSHD}`;
  return spawnSync('ssh', ['-V']).status === 0 ? null : 'there is no ssh';
}

export interface Sshd {
  /** A configuration of ssh that knows the host `far`. */
  readonly config: string;
  stop(): void;
}

/** Starts one in `folder`, which must be the person's own. */
export async function startSshd(folder: string): Promise<Sshd> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => path.join(folder, name);
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  copyFileSync(at('user.pub'), at('authorized'));
  chmodSync(at('authorized'), 0o600);
  const port = await freePort();
  const { username } = os.userInfo();
  const server = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    `PidFile ${at('pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
  ];
  writeFileSync(at('sshd_config'), `${server.join('\n')}\n`);
  const key = execFileSync('cut', ['-d', ' ', '-f', '1,2', at('host.pub')], { encoding: 'utf8' }).trim();
  writeFileSync(at('known'), `[127.0.0.1]:${port} ${key}\n`);
  const client = ['Host far', '  HostName 127.0.0.1', `  Port ${port}`, `  User ${username}`];
  client.push(`  IdentityFile ${at('user')}`, '  IdentitiesOnly yes', `  UserKnownHostsFile ${at('known')}`);
  writeFileSync(at('config'), `${client.join('\n')}\n`);
  // its privilege separation wants this folder
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const child = spawn(SSHD, ['-D', '-e', '-f', at('sshd_config')], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries++) {
    if (spawnSync('ssh', ['-F', at('config'), '-o', 'BatchMode=yes', 'far', 'true']).status === 0) break;
    await setTimeout(50);
  }
  return { config: at('config'), stop: () => void child.kill() };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
