/** The engine's calls in the test's own process: what a command asks is computed for real, without a process for each command. */
import type { EngineCommand } from '../../common/protocol/protocol.ts';
import { CallDesk } from '../../main/engine/session/calls.ts';
import type { EngineLink, ProcessEnding } from '../../main/runs/fork.ts';

export function engineHere(): EngineLink {
  let hear = (_message: unknown) => {};
  let end = (_how: ProcessEnding) => {};
  const desk = new CallDesk((message) => hear(message));
  return {
    pid: undefined,
    send(message) {
      const command = message as EngineCommand<never>;
      if (command.command === 'call') desk.call(command);
      if (command.command === 'cancel') desk.cancel(command.id);
    },
    onMessage(listener) {
      hear = listener;
    },
    onExit(listener) {
      end = listener;
    },
    kill: () => end({ code: null, signal: 'SIGKILL', stderr: '' }),
  };
}
