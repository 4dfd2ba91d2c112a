/**
 * Ctrl-C with a second thought: the first one asks the job to finish its step and save, the next one ends the
 * process at once. SIGTERM and a closed terminal count like Ctrl-C.
 */
import { EXIT } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm passes a Ctrl-C on that the terminal has sent to its child already: within this time it is the same one. */
const SAME_PRESS_MS = 250;

/**
 * Aborts the returned signal at the first interrupt, after calling `announce`. `release` undoes it. With `computesHere`
 * this process may be deep inside a native call when the second one comes, and must still end.
 */
export function onInterrupt(
  announce: () => void,
  { computesHere = false } = {},
): { readonly stop: AbortSignal; release(): void } {
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
    // Without a listener the system ends the process even while it computes, but runs none of its `exit` listeners.
    if (computesHere) setTimeout(release, SAME_PRESS_MS).unref();
  }
  for (const name of SIGNALS) process.on(name, interrupt);
  return { stop: controller.signal, release };
}
