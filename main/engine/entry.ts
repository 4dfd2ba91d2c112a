/**
 * The engine as a process of its own: computing blocks an event loop, and ending it gives all memory back.
 */

import type { EngineCommand, EngineReply } from '../../common/protocol/protocol.ts';
import { languageOf, useLanguage } from '../../common/words/language.ts';
import { parseRunConfig, type RunConfig, savedSettings } from './config/config.ts';
import { endWithParent, LINGER_MS, openPort } from './port.ts';
import { CallDesk, currentCall, failureOf } from './session/calls.ts';

type Command = EngineCommand<RunConfig>;
type CommandOf<Name> = Extract<Command, { command: Name }>;

const BEAT_MS = 2000;

const stop = new AbortController();
const finish = new AbortController();
const port = openPort();
const reply = (message: EngineReply) => port?.send(message) ?? Promise.resolve();
const desk = new CallDesk(reply);

// Ctrl-C reaches every process of the terminal; the parent decides what it means
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('SIGTERM', () => stop.abort());
// without its parent nobody can see or stop the job: end now, the newest checkpoint holds
port?.onClose(() => process.exit(1));
if (port) endWithParent();
// what nobody awaited leaves the process in a state that nobody knows: say whose it was, and end
for (const stray of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(stray, (error) => {
    const id = currentCall();
    const failed = failureOf(error);
    void reply(id === undefined ? { failed, isLast: true } : { id, failed, isLast: true });
    setTimeout(() => process.exit(1), LINGER_MS);
  });

const COMMANDS: { readonly [Name in Command['command']]: (command: CommandOf<Name>) => void } = {
  prepare: ({ executor }) => void prepare(executor),
  train: (command) => void train(command),
  stop: () => stop.abort(),
  finish: () => finish.abort(),
  call: (command) => desk.call(command),
  cancel: ({ id }) => desk.cancel(id),
};

port?.onMessage((message) => {
  const command = message as Command;
  COMMANDS[command.command](command as never);
});
setInterval(() => void reply({ beat: { rssBytes: process.memoryUsage.rss() } }), BEAT_MS).unref();

async function prepare(executor: string): Promise<void> {
  try {
    const { loadAhead } = await import('./session/session.ts');
    await loadAhead(executor);
  } catch {
    // the training says what cannot be loaded
  }
}

async function train({ config, resume, startedAt, probe, language }: CommandOf<'train'>): Promise<void> {
  try {
    await useLanguage(languageOf(language));
    const session = await import('./session/session.ts');
    const end = await session.train(parseRunConfig(resume ? savedSettings(config) : config), {
      emit: (event) => void reply({ event }),
      stop: stop.signal,
      finish: finish.signal,
      resume,
      startedAt,
      ...(probe && { probe }),
    });
    await reply({ event: end });
  } catch (error) {
    await reply({ failed: failureOf(error) });
  }
  port?.close();
}
