/** `utilityProcess`: a real process, by Electron's rules. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { needReady, note } from './state.ts';

const PARENT_PORT = new URL('./parent-port.ts', import.meta.url).href;

interface ForkOptions {
  readonly stdio?: readonly ('pipe' | 'ignore' | 'inherit')[];
  readonly env?: Readonly<Record<string, string>>;
}

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly stderr: Readable | null;
  pid: number | undefined;

  constructor(file: string, args: readonly string[], { stdio = [], env }: ForkOptions) {
    super();
    const [, stdout = 'inherit', stderr = 'inherit'] = stdio;
    this.#child = fork(file, args, {
      stdio: ['ignore', stdout, stderr, 'ipc'],
      serialization: 'advanced',
      execArgv: ['--import', PARENT_PORT],
      ...(env && { env }),
    });
    this.stderr = this.#child.stderr;
    this.#child.on('spawn', () =>
      setImmediate(() => {
        this.pid = this.#child.pid;
        note('utilityProcess.spawn', this.pid);
        this.emit('spawn');
      }),
    );
    this.#child.on('message', (message) => this.emit('message', message));
    this.#child.on('exit', (code, signal) => {
      this.pid = undefined;
      // on POSIX a wait status, whose low bits are the signal
      this.emit('exit', code ?? constants.signals[signal ?? 'SIGKILL']);
    });
    process.on('exit', () => this.#child.kill('SIGKILL'));
  }
  postMessage(message: unknown): void {
    if (this.pid === undefined) note('utilityProcess.message-without-process');
    if (this.#child.connected) this.#child.send(message as object, () => {});
  }
  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }
}

export const utilityProcess = {
  fork(file: string, args: readonly string[] = [], options: ForkOptions = {}): UtilityProcess {
    needReady('utilityProcess.fork');
    const { env: _, ...shown } = options;
    note('utilityProcess.fork', { file, ...shown });
    return new UtilityProcess(file, args, options);
  },
};
