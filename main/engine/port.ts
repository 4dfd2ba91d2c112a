/** The line from an engine process to its parent, Node's or Electron's. */
import { Worker } from 'node:worker_threads';

/** What both kinds have in common. */
export interface Port {
  /** Sends a message; resolves when it is on its way, so that the process may end. */
  send(message: unknown): Promise<void>;
  onMessage(listener: (message: unknown) => void): void;
  /** Called when the parent is gone. */
  onClose(listener: () => void): void;
  /** Hangs up: nothing more comes in, and the process ends when its work is done. */
  close(): void;
}

/** Electron's side of the line, as far as it is used here. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** Of `process`, what ports are made of. */
export interface PortHost {
  readonly parentPort?: ParentPort | undefined;
  readonly connected?: boolean;
  send?(message: unknown, handle: undefined, options: undefined, sent: () => void): unknown;
  on(event: 'message' | 'disconnect', listener: (message: unknown) => void): unknown;
  disconnect?(): void;
  exit(code: number): unknown;
}

/** A message that was posted last is out by then. */
export const LINGER_MS = 100;

/** An orphan ends within two seconds, also on a machine that is busy with other work. */
const WATCH_MS = 500;
/** On Windows the parent's number stays, but then no process has it. */
const WATCH = `const { parent, every } = require('node:worker_threads').workerData;
setInterval(() => {
  try {
    if (process.ppid === parent && process.kill(parent, 0)) return;
  } catch (error) {
    if (error.code === 'EPERM') return;
  }
  process.kill(process.pid, 'SIGKILL');
}, every);`;

const parent = process.ppid;

/** Ends this process when its parent is gone. A thread watches, since an endless loop hears nothing. */
export function endWithParent(): void {
  // a process that may start no threads opens files in pieces, and computes nothing that lasts
  if (process.permission?.has('worker') === false) {
    setInterval(() => process.ppid === parent || process.exit(1), WATCH_MS).unref();
    return;
  }
  const workerData = { parent, every: WATCH_MS };
  // no options of this process: they may load more than a watch needs
  new Worker(WATCH, { eval: true, workerData, execArgv: [], env: {} }).unref();
}

/** The line to the parent of this process; null where nobody has started it as an engine. */
export function openPort(host: PortHost = process as unknown as PortHost): Port | null {
  if (host.parentPort) return electronPort(host.parentPort, host);
  return host.send ? nodePort(host) : null;
}

function electronPort(port: ParentPort, host: PortHost): Port {
  return {
    send: async (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
    onClose: (listener) => port.on('close', listener),
    close: () => setTimeout(() => host.exit(0), LINGER_MS),
  };
}

function nodePort(host: PortHost): Port {
  return {
    send: (message) =>
      new Promise((resolve) => {
        // a parent that is gone is told of by `disconnect`
        if (host.connected === false) resolve();
        else host.send?.(message, undefined, undefined, () => resolve());
      }),
    onMessage: (listener) => host.on('message', listener),
    onClose: (listener) => host.on('disconnect', listener),
    close: () => {
      if (host.connected !== false) host.disconnect?.();
    },
  };
}
