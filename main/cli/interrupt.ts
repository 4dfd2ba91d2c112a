/**
 * Ctrl-C with a second thought: the first one asks the job to finish its step and save, the next one ends the
 * process at once. SIGTERM and a closed terminal count like Ctrl-C.
 */
import { EXIT } from './command.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a Ctrl-C on that the terminal has sent to its child already: within this time it is the same one. */
const SAME_PRESS_MS = 250;

/** Aborts the returned signal at the first interrupt, after calling `announce`. `release` undoes it. */
export function onInterrupt(announce: () => void): { readonly stop: AbortSignal; release(): void } {
  const controller = new AbortController();
  let pressedAt = 0;
  const release = () => {
    for (const name of SIGNALS) process.removeListener(name, interrupt);
  };
  function interrupt(): void {
    if (controller.signal.aborted) {
      if (performance.now() - pressedAt > SAME_PRESS_MS) process.exit(EXIT.interrupted);
      return;
    }
    announce();
    controller.abort();
    pressedAt = performance.now();
  }
  for (const name of SIGNALS) process.on(name, interrupt);
  return { stop: controller.signal, release };
}
