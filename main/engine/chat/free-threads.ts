/**
 * How many threads compute best beside other programs. llama.cpp's threads wait for each other in a loop after every operation, so one
 * that has no processor holds all of them up: ten tokens then took 72 s with two threads, and 2.7 s with one.
 */
import { cpus } from 'node:os';

/** Where the processors' time has gone up to a moment, in milliseconds. */
export interface ProcessorTimes {
  readonly at: number;
  /** All processors together. */
  readonly idle: number;
  readonly total: number;
  /** Of this process. */
  readonly own: number;
  readonly processors: number;
}

/** A shorter time says little: the system counts in ticks of up to 16 ms. */
const LEAST_MS = 300;

export class FreeThreads {
  readonly #most: number;
  readonly #read: () => ProcessorTimes;
  #then: ProcessorTimes;
  #now: number;

  constructor(most: number, read: () => ProcessorTimes = processorTimes) {
    [this.#most, this.#read] = [most, read];
    this.#then = read();
    this.#now = most;
  }

  /** Threads for the next step, at most those that were asked for. */
  count(): number {
    const { at } = this.#then;
    const now = this.#read();
    if (now.at - at < LEAST_MS) return this.#now;
    this.#now = Math.max(1, Math.min(this.#most, Math.round(leftByOthers(this.#then, now))));
    this.#then = now;
    return this.#now;
  }
}

/** Processors that were idle between two moments, or this process's own. */
function leftByOthers(then: ProcessorTimes, now: ProcessorTimes): number {
  const total = now.total - then.total;
  // some systems tell no times of processors
  if (total <= 0) return now.processors;
  const idle = ((now.idle - then.idle) / total) * now.processors;
  return idle + (now.own - then.own) / (now.at - then.at);
}

function processorTimes(): ProcessorTimes {
  const all = cpus();
  const { user, system } = process.cpuUsage();
  const sum = (of: (times: (typeof all)[number]['times']) => number) =>
    all.reduce((so, { times }) => so + of(times), 0);
  return {
    at: performance.now(),
    idle: sum(({ idle }) => idle),
    total: sum(({ user: theirs, nice, sys, idle, irq }) => theirs + nice + sys + idle + irq),
    own: (user + system) / 1000,
    processors: all.length,
  };
}
