/** A real sshd on this computer's own address, with keys of its own, whose connections can be cut. */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const SSHD = '/usr/sbin/sshd';
const HERE = '127.0.0.1';

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

export interface SshKeys {
  /** Where they and the configurations are. */
  readonly folder: string;
  /** The command that starts their sshd, but for how. */
  readonly server: string;
}

/** Makes keys of an sshd and of the person who logs in, and the configuration of that sshd, in `folder`, which must be the person's own. */
export function sshKeys(folder: string, more: readonly string[] = []): SshKeys {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => path.join(folder, name);
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name)]);
  copyFileSync(at('user.pub'), at('authorized'));
  chmodSync(at('authorized'), 0o600);
  const server = [
    ...more,
    `HostKey ${at('host')}`,
    `AuthorizedKeysFile ${at('authorized')}`,
    `PidFile ${at('pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
  ];
  writeFileSync(at('sshd_config'), `${server.join('\n')}\n`);
  const [kind, key] = readFileSync(at('host.pub'), 'utf8').split(' ');
  writeFileSync(at('known'), `far ${kind} ${key}\n`);
  // its privilege separation wants this folder
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  return { folder, server: `${SSHD} -f ${at('sshd_config')}` };
}

/** Writes the configuration of an ssh that knows the host `far`, and gives its path. `how`: how it gets there. */
export function writeSshConfig({ folder }: SshKeys, how: readonly string[]): string {
  const at = (name: string) => path.join(folder, name);
  const { username } = os.userInfo();
  const client = ['Host far', ...how, 'HostName 127.0.0.1', 'HostKeyAlias far', `User ${username}`];
  client.push(`IdentityFile ${at('user')}`, 'IdentitiesOnly yes', `UserKnownHostsFile ${at('known')}`);
  writeFileSync(at('config'), `${client.join('\n  ')}\n`);
  return at('config');
}

export interface Sshd {
  /** A configuration of ssh that knows the host `far`. */
  readonly config: string;
  /** Ends all connections, and refuses new ones until `restore`. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one in `folder`, which must be the person's own. */
export async function startSshd(folder: string): Promise<Sshd> {
  const port = await freePort();
  const keys = sshKeys(folder, [`Port ${port}`, `ListenAddress ${HERE}`]);
  const line = new Line(port);
  await line.open();
  const config = writeSshConfig(keys, [`Port ${line.port}`]);
  const [program, ...args] = keys.server.split(' ');
  const child = spawn(program!, [...args, '-D', '-e'], { stdio: 'ignore' });
  const stop = async () => {
    await line.close();
    child.kill();
  };
  const answers = () =>
    promisify(execFile)('ssh', ['-F', config, '-o', 'BatchMode=yes', 'far', 'true']).then(
      () => true,
      () => false,
    );
  for (let tries = 0; !(await answers()); tries++) {
    if (tries > 100) {
      await stop();
      throw new Error('sshd does not answer');
    }
    await setTimeout(50);
  }
  return { config, cut: () => line.close(), restore: () => line.open(), stop };
}

/** Passes connections on to another port. */
class Line {
  port = 0;
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  constructor(to: number) {
    this.#to = to;
  }

  async open(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect(this.#to, HERE);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket
          .on('error', () => {})
          .on('close', () => {
            this.#sockets.delete(socket);
            other.destroy();
          });
        socket.pipe(other);
      }
    });
    await listening(this.#server, this.port);
    this.port = portOf(this.#server);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve) ?? resolve(null));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

const listening = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, HERE, resolve));

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listening(server, 0);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
