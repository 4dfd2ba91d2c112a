/** How tests ask a process of Fettle's to end, as a person at its terminal does. Windows knows no signal that can be heard. */
import type { ChildProcess } from 'node:child_process';
import { STOP } from '../../main/cli/command.ts';

const BY_CHANNEL = process.platform === 'win32';

/** What its `stdio` has more of, after three streams. */
export const CHANNEL: readonly 'ipc'[] = BY_CHANNEL ? ['ipc'] : [];

/** Asks it to stop. */
export function askToStop(child: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): void {
  if (!BY_CHANNEL) child.kill(signal);
  else if (child.connected) child.send(STOP);
}
