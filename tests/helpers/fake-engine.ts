/** Engines for tests that play their part by hand: what they were told can be read, what they say is said for them. */
import type { EngineLink, ProcessEnding } from '../../main/runs/engine-link.ts';

export interface FakeEngine extends EngineLink {
  /** Commands in the order in which they came. */
  readonly sent: { command: string; [key: string]: unknown }[];
  readonly isRunning: boolean;
  say(message: unknown): void;
  exit(ending?: Partial<ProcessEnding>): void;
}

/** A fork whose engines are kept in `engines`, oldest first. */
export function fakeFork(): { fork: () => FakeEngine; engines: FakeEngine[] } {
  const engines: FakeEngine[] = [];
  const fork = () => {
    const engine = fakeEngine(1000 + engines.length);
    engines.push(engine);
    return engine;
  };
  return { fork, engines };
}

function fakeEngine(pid: number): FakeEngine {
  const listeners: ((message: unknown) => void)[] = [];
  const ends: ((ending: ProcessEnding) => void)[] = [];
  const sent: FakeEngine['sent'] = [];
  let isRunning = true;
  const exit = (ending: Partial<ProcessEnding> = {}) => {
    if (!isRunning) return;
    isRunning = false;
    for (const end of ends) end({ code: 0, signal: null, stderr: '', ...ending });
  };
  return {
    ...{ pid, sent, exit },
    get isRunning() {
      return isRunning;
    },
    send: (message) => void sent.push(message as FakeEngine['sent'][number]),
    onMessage: (listener) => void listeners.push(listener),
    onExit: (listener) => void ends.push(listener),
    say: (message) => {
      for (const listener of listeners) listener(message);
    },
    kill: () => exit({ code: null, signal: 'SIGKILL' }),
  };
}
