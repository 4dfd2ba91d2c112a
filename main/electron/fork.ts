/**
 * Starts the engine as a utility process of Electron. Before such a process has started it has no number and may lose what it is told, so
 * messages wait until then.
 */
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { utilityProcess } from 'electron';
import { defined } from '../../common/values.ts';
import type { EngineLink, Fork, ProcessEnding } from '../runs/engine-link.ts';
import { engineEnv, entryPath, tailOf, watchMemory } from '../runs/fork.ts';
import { guarded } from '../runs/watchdog.ts';

/** The last words of a process arrive after the news of its end. */
const LAST_WORDS_MS = 500;

/** What a wait status says of the signal that ended a process, with and without a memory dump. */
const SIGNALS: Readonly<Record<number, string>> = {
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};
const DUMPED = 0x80;

/** Starts an engine; Electron must be ready. */
export const forkUtility: Fork = () => forkFile(entryPath());

/** The same with another file in the engine's place. */
export function forkFile(file: string): EngineLink {
  const child = utilityProcess.fork(file, [], {
    serviceName: 'Fettle engine',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: defined(engineEnv()),
  });
  const stderr = child.stderr as Readable | null;
  const lastWords = tailOf(stderr);
  const memory = watchMemory();
  let fault = '';
  let waiting: unknown[] | null = [];
  let pid: number | undefined;
  let isOver = false;
  let isUnwanted = false;
  child.once('spawn', () => {
    pid = child.pid;
    if (isUnwanted) kill();
    for (const message of waiting ?? []) child.postMessage(message);
    waiting = null;
  });
  child.on('error', (type, location) => {
    fault = `\n${type} in ${location}`;
  });
  const ended = new Promise<ProcessEnding>((resolve) => {
    child.once('exit', async (code) => {
      isOver = true;
      await Promise.race([endOf(stderr), delay(LAST_WORDS_MS)]);
      const signal = signalOf(code);
      const said = `${lastWords()}${fault}`.trim();
      const memoryKill = memory.wasKilled();
      resolve({ code: signal === null ? code : null, signal, stderr: said, memoryKill });
    });
  });
  function kill(): void {
    isUnwanted = true;
    if (isOver || pid === undefined) return;
    // Electron's own way is a request that an engine in the middle of a step does not hear
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      child.kill();
    }
  }
  return guarded({
    get pid() {
      return child.pid ?? pid;
    },
    send(message) {
      if (waiting) waiting.push(message);
      else if (!isOver) child.postMessage(message);
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void ended.then(listener),
    kill,
  });
}

/** The signal in the wait status `code`, which Electron gives for a process that was ended; null for an exit code. */
export function signalOf(code: number, platform: NodeJS.Platform = process.platform): string | null {
  if (platform === 'win32') return null;
  return SIGNALS[code] ?? (code & DUMPED ? (SIGNALS[code & ~DUMPED] ?? null) : null);
}

function endOf(stream: Readable | null): Promise<void> {
  if (!stream || stream.readableEnded || stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => stream.once('close', resolve).once('end', resolve));
}
