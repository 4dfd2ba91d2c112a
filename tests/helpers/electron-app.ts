/** The built main process under a fake Electron in a process of its own, with a real engine; a test is the person, the page and the system. */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../common/api/contract.ts';
import type { Asked, FakeSettings } from './fake-electron/state.ts';
import { recordingEnv, requireListed } from './sockets.ts';

const FAKE = path.join(import.meta.dirname, 'fake-electron');
const HOOK = pathToFileURL(path.join(FAKE, 'hook.ts')).href;

export interface ElectronOptions {
  /** The script to run. */
  readonly main: string;
  readonly settings?: FakeSettings;
  /** FETTLE_HOME; a new empty one where it is left out. */
  readonly home?: string;
}

export interface ElectronUnderTest {
  readonly home: string;
  readonly process: ChildProcess;
  /** Everything that Electron was asked so far, in order. */
  readonly asked: readonly Asked[];
  /** What was given with the first, or next, `what`; waits for it. */
  until(what: string, isIt?: (detail: never) => boolean): Promise<unknown>;
  act<T = unknown>(name: string, given?: unknown): Promise<T>;
  /** The address at which a browser finds the window's page. */
  readonly address: string;
  /** The API, as the page has it. */
  api(): ContractRouterClient<Contract>;
  /** Resolves with how the process ended. */
  readonly ended: Promise<{ code: number | null; stderr: string }>;
  /** Ends the process and removes its home. */
  close(): Promise<void>;
}

/** Starts it, and resolves when Electron is ready; rejects with what the process said when it ends before. */
export async function startElectron({
  main,
  settings = {},
  home,
}: ElectronOptions): Promise<ElectronUnderTest> {
  const folder = home ?? (await mkdtemp(path.join(tmpdir(), 'fettle-electron-')));
  const recorded = path.join(folder, 'sockets.jsonl');
  const child = fork(path.join(FAKE, 'launch.ts'), [main], {
    execArgv: ['--import', HOOK],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ...recordingEnv(recorded),
      FETTLE_HOME: folder,
      FAKE_ELECTRON: JSON.stringify(settings),
    },
  });
  const asked: Asked[] = [];
  const sockets: WebSocket[] = [];
  const listeners = new Set<() => void>();
  const answers = new Map<number, (message: Answer) => void>();
  const listening = Promise.withResolvers<number>();
  let stderr = '';
  let last = 0;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stderr })),
  );
  void ended.then(({ code }) => listening.reject(new Error(`Electron ended with ${code}: ${stderr}`)));
  child.on('message', (message: Answer & { asked?: Asked; listening?: number }) => {
    if (message.asked) asked.push(message.asked);
    if (message.listening) listening.resolve(message.listening);
    if (message.id !== undefined) answers.get(message.id)?.(message);
    for (const listener of listeners) listener();
  });
  const port = await listening.promise;
  return {
    ...{ home: folder, process: child, asked, ended, address: `http://127.0.0.1:${port}/` },
    until: (what, isIt = () => true) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = asked.find((each) => each.what === what && isIt(each.with as never));
          if (!found) return;
          listeners.delete(look);
          resolve(found.with);
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`Electron ended without ${what}: ${stderr}`)));
        look();
      }),
    act: <T>(name: string, given?: unknown) =>
      new Promise<T>((resolve, reject) => {
        const id = ++last;
        answers.set(id, ({ result, failed }) =>
          failed === undefined ? resolve(result as T) : reject(new Error(failed)),
        );
        child.send({ id, act: name, given });
      }),
    api() {
      const websocket = new WebSocket(`ws://127.0.0.1:${port}/`);
      sockets.push(websocket);
      return createORPCClient(new RPCLink({ websocket }));
    },
    async close() {
      for (const socket of sockets) socket.close();
      child.kill('SIGKILL');
      await ended;
      try {
        // another one in the same home may have been closed, and both looked at, before
        if (existsSync(folder)) requireListed(recorded);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly failed?: string;
}
