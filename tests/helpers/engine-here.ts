/**
 * An engine in the test's own process: it does what a process of its own does, without the start of one for each command, which takes
 * five times as long as a short training. What is passed is a copy that comes later, as between processes.
 */
import type { EngineCommand, EngineReply } from '../../common/protocol/protocol.ts';
import { openCommands } from '../../main/engine/session/commands.ts';
import type { EngineLink, ProcessEnding } from '../../main/runs/engine-link.ts';

export function engineHere(): EngineLink {
  let hear = (_message: unknown) => {};
  let tellEnd = (_how: ProcessEnding) => {};
  let hasModels = false;
  let isOver = false;
  const end = async (how: ProcessEnding) => {
    if (isOver) return;
    isOver = true;
    if (hasModels) await (await import('../../main/engine/session/open-models.ts')).closeModels();
    tellEnd(how);
  };
  const commands = openCommands({
    reply: async (message: EngineReply) => {
      const copy = structuredClone(message);
      setImmediate(() => isOver || hear(copy));
    },
    close: () => void setImmediate(end, { code: 0, signal: null, stderr: '' }),
  });
  return {
    pid: undefined,
    send(message) {
      const command = message as EngineCommand<never>;
      hasModels ||= command.command === 'call' && command.name === 'generate';
      commands.take(structuredClone(command));
    },
    onMessage(listener) {
      hear = listener;
    },
    onExit(listener) {
      tellEnd = listener;
    },
    kill() {
      commands.stop();
      void end({ code: null, signal: 'SIGKILL', stderr: '' });
    },
  };
}
