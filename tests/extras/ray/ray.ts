/**
 * A real Ray head in a network and process namespace of its own, because Ray listens on every address: its dashboard alone can be reached,
 * through a door that can be shut.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { torchPython } from '../../helpers/sshd.ts';

export const RAY_TOKEN = 'a-token-of-this-test-0123456789abcdef';

/** Why no Ray can be started; null where it can. */
export function whyNoRay(): string | null {
  const found = torchPython();
  if ('why' in found) return found.why;
  if (spawnSync(found.python, ['-c', 'import ray.train']).status !== 0) return `${found.python} lacks ray`;
  const isolated = spawnSync('unshare', ['--net', '--pid', '--fork', 'true']).status === 0;
  return isolated ? null : 'no network namespace can be made';
}

export interface Ray {
  readonly address: string;
  /** The numbers of processes whose title has a word in it. */
  processes(word: string): number[];
  shut(): void;
  open(): void;
  stop(): void;
}

/** Starts one with room for `workers`. `home`: the home folder of its jobs. Its name must be short: sockets lie in it. */
export async function startRay(python: string, home: string, workers: number): Promise<Ray> {
  mkdirSync(home, { recursive: true });
  const door = path.join(home, 'door');
  const inside = [
    'ip link set lo up',
    `"${python}" -m ray.scripts.scripts start --head --node-ip-address 127.0.0.1 --port 6379 --dashboard-host 127.0.0.1 \\`,
    `  --dashboard-port 8265 --num-cpus ${workers} --object-store-memory 100000000 --temp-dir "${home}/ray" --disable-usage-stats`,
    // what waits here buries what Ray leaves behind
    `"${process.execPath}" -e '${doorWithin(door)}' &`,
    'wait',
  ];
  const namespaces = ['--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
  const child = spawn('unshare', [...namespaces, 'sh', '-ec', inside.join('\n')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${path.dirname(python)}:${process.env.PATH}`,
      HOME: home,
      RAY_AUTH_MODE: 'token',
      RAY_AUTH_TOKEN: RAY_TOKEN,
    },
  });
  await hasOpened(child);
  const front = await frontDoor(door);
  const network = networkOf(child);
  return {
    address: front.address,
    processes: (word) =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
          try {
            return (
              readlinkSync(`/proc/${pid}/ns/net`) === network &&
              readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word)
            );
          } catch {
            return false;
          }
        })
        .map(Number),
    shut: front.shut,
    open: front.open,
    stop() {
      front.close();
      child.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** The program within: a socket in the file system, which no network namespace divides. */
const doorWithin = (file: string) =>
  [
    'const net = require("node:net");',
    'net.createServer((one) => { const other = net.connect(8265, "127.0.0.1"); one.pipe(other).pipe(one);',
    '  one.on("error", () => other.destroy()); other.on("error", () => one.destroy()); })',
    `.listen("${file}", () => console.log("open"));`,
  ].join(' ');

async function hasOpened(child: ChildProcess): Promise<void> {
  let words = '';
  const opened = new Promise<void>((resolve, reject) => {
    const read = (text: Buffer) => {
      words += text;
      if (/^open$/m.test(words)) resolve();
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.once('close', () => reject(new Error(`Ray did not start: ${words.slice(-3000)}`)));
  });
  await opened;
  // the dashboard begins to answer a little later
  await setTimeout(1000);
}

/** The network of the namespace: that of a child of `unshare`. */
function networkOf({ pid }: ChildProcess): string {
  const [inside] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return readlinkSync(`/proc/${inside}/ns/net`);
}

async function frontDoor(file: string) {
  let isShut = false;
  const sockets = new Set<Socket>();
  const server = createServer((one) => {
    if (isShut) return one.destroy();
    const other = connect(file);
    for (const socket of [one, other]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        one.destroy();
        other.destroy();
      });
    }
    one.pipe(other).pipe(one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut() {
      isShut = true;
      end();
    },
    open() {
      isShut = false;
    },
    close() {
      end();
      server.close();
    },
  };
}
