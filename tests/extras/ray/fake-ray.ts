/**
 * Stands for a Ray cluster's REST where no Ray is: keeps packages, starts jobs in a home folder of its own, and refuses what Ray refuses. Its
 * Python is fake-on-ray.ts. Its network can be cut.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { unzipSync } from 'fflate';
import { openTarget } from '../../../main/targets/kinds.ts';
import { quoted } from '../../../main/targets/shell.ts';
import type { Target, TargetSpec } from '../../../main/targets/target.ts';
import { type ExtraWorld, USUAL_TARGET } from '../../helpers/far-away.ts';

const STAND_IN = path.join(import.meta.dirname, 'fake-on-ray.ts');
export const TOKEN = 'ray-token-3f9a1c77';

export interface FakeRay {
  readonly spec: TargetSpec;
  readonly target: Target;
  readonly home: string;
  /** What was asked: method and path, in order. */
  readonly asked: readonly string[];
  /** Everything that was sent, but for the header of the token. */
  sent(): string;
  /** Ends all connections, and refuses new ones until `restore`. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

interface Options {
  readonly version?: string;
  /** How the stand-in for torchrun behaves. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Submission {
  readonly submission_id: string;
  readonly entrypoint: string;
  readonly runtime_env: { readonly working_dir: string; readonly env_vars: Readonly<Record<string, string>> };
}

interface Job {
  status: 'PENDING' | 'RUNNING' | 'STOPPED' | 'SUCCEEDED' | 'FAILED';
  message: string;
  readonly log: string;
  readonly child: ChildProcess;
}

export async function fakeRay(
  home: string,
  { version = '2.60.0', env = {} }: Options = {},
): Promise<FakeRay> {
  for (const name of ['packages', 'logs']) mkdirSync(path.join(home, name), { recursive: true });
  const python = path.join(home, 'python');
  writeFileSync(python, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(STAND_IN)} "$@"\n`);
  chmodSync(python, 0o755);
  const at = (...names: string[]) => path.join(home, ...names);
  const jobs = new Map<string, Job>();
  const asked: string[] = [];
  const bodies: string[] = [];
  let isCut = false;

  function start({ submission_id: id, entrypoint, runtime_env }: Submission): void {
    if (jobs.has(id)) throw new Error(`job ${id} already exists`);
    const { working_dir, env_vars } = runtime_env;
    const folder = at('packages', working_dir.replace('gcs://', '').replace('.zip', ''));
    for (const [name, content] of Object.entries(unzipSync(readFileSync(`${folder}.zip`)))) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), content);
    }
    const log = at('logs', `job-driver-${id}.log`);
    writeFileSync(log, `Running entrypoint for job ${id}: ${entrypoint}\n`);
    const output = openSync(log, 'a');
    const surroundings = { PATH: process.env.PATH, HOME: home, ...env, ...env_vars };
    const child = spawn('sh', ['-c', entrypoint], {
      cwd: folder,
      env: surroundings,
      stdio: ['ignore', output, output],
    });
    const job: Job = { status: 'RUNNING', message: '', log, child };
    jobs.set(id, job);
    child.once('close', (code) => {
      if (job.status !== 'STOPPED') job.status = code === 0 ? 'SUCCEEDED' : 'FAILED';
      if (code !== 0) job.message = 'Job entrypoint command failed with exit code 1';
    });
  }

  async function answer(request: http.IncomingMessage): Promise<readonly [number, unknown]> {
    const { method = '', url = '', headers } = request;
    const { pathname, searchParams } = new URL(url, 'http://x');
    const body = await buffer(request);
    asked.push(`${method} ${pathname}`);
    const { authorization, ...others } = headers;
    bodies.push(url, JSON.stringify(others), body.toString('latin1'));
    if (authorization !== `Bearer ${TOKEN}`) return [401, 'Unauthorized'];
    // as Ray takes a browser for one
    const isBrowser = Object.keys(headers).some((name) => name.startsWith('sec-fetch'));
    if (isBrowser && method !== 'GET') return [405, 'Method Not Allowed for browser traffic.'];
    const [, , kind, one, more] = pathname.split('/');
    const job = jobs.get(one ?? '');
    switch (`${method} ${kind}`) {
      case 'GET version':
        return [200, { ray_version: version, version: '4' }];
      case 'GET packages':
        return existsSync(at('packages', more!)) ? [200, ''] : [404, 'not there'];
      case 'PUT packages':
        writeFileSync(at('packages', more!), body);
        return [200, ''];
      case 'POST jobs': {
        if (more === 'stop') {
          job!.status = 'STOPPED';
          job!.child.kill();
          return [200, { stopped: true }];
        }
        const given = JSON.parse(body.toString());
        start(given);
        return [200, { submission_id: given.submission_id }];
      }
      case 'DELETE jobs':
        jobs.delete(one!);
        return [200, { deleted: true }];
      case 'GET jobs':
        if (!job) return [404, 'no such job'];
        if (more === 'logs') return [200, { logs: readFileSync(job.log, 'utf8') }];
        return [200, { status: job.status, message: job.message, driver_node_id: 'node-1' }];
      case 'GET v0': {
        const file = at('logs', searchParams.get('filename')!);
        return existsSync(file) ? [200, readFileSync(file)] : [500, 'A file is not found'];
      }
      default:
        return [404, 'no such address'];
    }
  }

  const server = http.createServer((request, response) => {
    answer(request)
      .catch((error: Error) => [500, error.stack] as const)
      .then(([status, content]) => {
        const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
        response.writeHead(status).end(isRaw ? content : JSON.stringify(content));
      });
  });
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    if (isCut) return socket.destroy();
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const spec: TargetSpec = { ...USUAL_TARGET, kind: 'ray', host: `http://127.0.0.1:${port}`, python };
  return {
    spec,
    target: openTarget(spec, async () => TOKEN),
    home,
    asked,
    sent: () => bodies.join('\n'),
    cut() {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    restore() {
      isCut = false;
    },
    close() {
      for (const { child } of jobs.values()) child.kill();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const rayWorld: ExtraWorld = {
  open: (home, env) => fakeRay(home, { env }),
  token: TOKEN,
};
