/**
 * The engine as a process of its own: computing blocks an event loop, and ending it gives all memory back.
 */

import type { EngineReply } from '../../common/protocol/protocol.ts';
import { endWithParent, LINGER_MS, openPort } from './port.ts';
import { leavesStrays } from './session/call-table.ts';
import { currentCall, failureOf } from './session/calls.ts';
import { openCommands } from './session/commands.ts';

const BEAT_MS = 2000;

const port = openPort();
const reply = (message: EngineReply) => port?.send(message) ?? Promise.resolve();
const commands = openCommands({ reply, close: () => port?.close() });

// Ctrl-C reaches every process of the terminal; the parent decides what it means
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('SIGTERM', () => commands.stop());
// without its parent nobody can see or stop the job: end now, the newest checkpoint holds
port?.onClose(() => process.exit(1));
if (port) endWithParent();
// what nobody awaited leaves the process in a state that nobody knows: say whose it was, and end
for (const stray of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(stray, (error) => {
    const { id, name } = currentCall() ?? {};
    if (stray === 'unhandledRejection' && leavesStrays(name)) return;
    const failed = failureOf(error);
    void reply(id === undefined ? { failed, isLast: true } : { id, failed, isLast: true });
    setTimeout(() => process.exit(1), LINGER_MS);
  });

port?.onMessage((message) => commands.take(message));
setInterval(() => void reply({ beat: { rssBytes: process.memoryUsage.rss() } }), BEAT_MS).unref();
