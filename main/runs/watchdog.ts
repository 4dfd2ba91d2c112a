/**
 * Ends an engine that takes too long, or too much memory, to read a file for its size: a hostile file can make a library compute for ever
 * or ask for all memory, and nothing inside that process could stop it.
 */
import { totalmem } from 'node:os';
import type { EngineReply, Parsing } from '../../common/protocol/protocol.ts';
import { type Usage, usageOf } from '../processes.ts';
import { type EngineLink, type Excess, saysNoMemory } from './engine-link.ts';

interface Budget {
  readonly milliseconds: number;
  readonly bytes: number;
}

const BASE: Budget = { milliseconds: 20_000, bytes: 1e9 };
/** For each byte of a file. The slowest honest ones are workbooks: a megabyte of one takes up to 10 s on a fast computer, and 200 MB. */
const EACH: Budget = { milliseconds: 0.04, bytes: 200 };
/** Beyond it a person has ended what they wait for, or the computer has no room for anything else. */
const MOST: Budget = { milliseconds: 1_800_000, bytes: Math.max(BASE.bytes, 0.75 * totalmem()) };

/** What reading a file of `bytes` may take: processor time, and memory beside what the process has already. */
export const budgetOf = (bytes: number): Budget => ({
  milliseconds: Math.min(MOST.milliseconds, BASE.milliseconds + EACH.milliseconds * bytes),
  bytes: Math.min(MOST.bytes, BASE.bytes + EACH.bytes * bytes),
});

/** Where a process waits for a disk or for its turn, so many times its processor time may pass. */
const WAITING = 10;
/** On Linux a look costs two small files, elsewhere a process. */
const LOOK_MS = process.platform === 'linux' ? 200 : 1000;

interface Watched {
  readonly file: string;
  readonly budget: Budget;
  isOn: boolean;
  rssBytes: number;
  usedMs: number;
  passedMs: number;
}

interface Options {
  readonly budget?: (bytes: number) => Budget;
  readonly lookMs?: number;
}

/** `link`, whose process is ended where a file takes too much; its ending then says which. */
export function guarded(link: EngineLink, { budget = budgetOf, lookMs = LOOK_MS }: Options = {}): EngineLink {
  const files = new Map<number, Watched>();
  const listeners: ((message: unknown) => void)[] = [];
  let [excess, last]: [Excess | undefined, Usage & { readonly at: number }] = [undefined, nothingAt(0)];
  let clock: NodeJS.Timeout | undefined;
  let isLooking = false;
  const pass = (message: unknown) => {
    for (const listener of listeners) listener(message);
  };
  const sleep = () => {
    clearInterval(clock);
    clock = undefined;
  };

  function hear(parsing: Parsing): void {
    const known = files.get(parsing.id);
    if (parsing.state === 'on') {
      const { id, file, bytes, rssBytes } = parsing;
      const fresh = { file, budget: budget(bytes), usedMs: 0, passedMs: 0 };
      files.set(id, { ...(known ?? fresh), isOn: true, rssBytes });
      if (clock === undefined) last = nothingAt(performance.now());
      clock ??= setInterval(() => void look(), lookMs).unref();
    } else if (known && parsing.state === 'off') known.isOn = false;
    else files.delete(parsing.id);
    if (files.size === 0) sleep();
  }

  async function look(): Promise<void> {
    const on = [...files.values()].filter(({ isOn }) => isOn);
    if (isLooking || link.pid === undefined) return;
    if (on.length === 0) {
      last = nothingAt(performance.now());
      return;
    }
    isLooking = true;
    const now = { ...(await usageOf(link.pid)), at: performance.now() };
    isLooking = false;
    // a computer that was asleep has not computed
    const passed = Math.min(now.at - last.at, 5 * lookMs);
    const computed = now.cpuMs === null || last.cpuMs === null ? passed : now.cpuMs - last.cpuMs;
    last = now;
    for (const one of on) {
      one.passedMs += passed;
      one.usedMs += Math.min(passed, computed);
      const { milliseconds, bytes } = one.budget;
      const isSlow = one.usedMs > milliseconds || one.passedMs > WAITING * milliseconds;
      const isLarge = now.rssBytes !== null && now.rssBytes - one.rssBytes > bytes;
      if (isSlow || isLarge) end({ file: one.file, of: isLarge ? 'memory' : 'time' });
    }
    // a library that is within its budget keeps its process from giving signs of life
    if (excess === undefined) pass({ beat: { rssBytes: now.rssBytes ?? 0 } } satisfies EngineReply);
  }

  function end(why: Excess): void {
    excess ??= why;
    sleep();
    link.kill();
  }

  link.onMessage((message) => {
    if (isParsing(message)) hear(message.parsing);
    pass(message);
  });
  link.onExit(sleep);
  return {
    get pid() {
      return link.pid;
    },
    send: (message) => link.send(message),
    onMessage: (listener) => void listeners.push(listener),
    onExit: (listener) =>
      link.onExit((ending) => {
        const reading = [...files.values()].find(({ isOn }) => isOn);
        // one that runs out of memory before anybody looks has taken too much as well
        if (reading && saysNoMemory(ending.stderr)) excess ??= { file: reading.file, of: 'memory' };
        listener(excess ? { ...ending, excess } : ending);
      }),
    kill: () => link.kill(),
  };
}

const isParsing = (message: unknown): message is { readonly parsing: Parsing } =>
  typeof message === 'object' && message !== null && 'parsing' in message;

const nothingAt = (at: number) => ({ rssBytes: null, cpuMs: null, at });
