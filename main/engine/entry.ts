/**
 * The engine as a process of its own: one job, told by one message, its events sent back. Computing blocks the event
 * loop for seconds; in a process of its own that delays nobody, and ending the process gives all memory back.
 */
import type { RunConfig } from './config.ts';
import type { EngineCommand, EngineReply } from './protocol.ts';
import { train } from './session.ts';

const stop = new AbortController();

// Ctrl-C reaches every process of the terminal; the parent decides what it means
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('SIGTERM', () => stop.abort());
// without its parent nobody can see or stop the job: end now, the newest checkpoint holds
process.on('disconnect', () => process.exit(1));

process.on('message', (message: EngineCommand<RunConfig>) => {
  if (message.command === 'stop') stop.abort();
  else void run(message);
});

async function run({
  config,
  resume,
  startedAt,
}: Extract<EngineCommand<RunConfig>, { command: 'train' }>): Promise<void> {
  const reply = (message: EngineReply) => process.send?.(message);
  try {
    const end = await train(config, {
      emit: (event) => reply({ event }),
      stop: stop.signal,
      resume,
      startedAt,
    });
    await sent({ event: end });
  } catch (error) {
    const { code, message, hint, stack } = error as Error & { code?: string; hint?: string };
    await sent({
      failed: {
        code: hint === undefined ? null : (code ?? null),
        message,
        hint: hint ?? '',
        stack: stack ?? '',
      },
    });
  }
  process.disconnect?.();
}

/** Sends the last message and waits until it is out. */
function sent(message: EngineReply): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
