/** Makes events of the log of a job, each once, and keeps how far it was read. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { EngineEvent } from '../../common/protocol/protocol.ts';
import { parsedJson } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { type JobLine, LogReader } from './lines.ts';
import { type Place, writePlace } from './place.ts';

const SAVED_MS = 1000;
/** Times that it is told that processes there failed. */
const MOST_RESTARTS = 20;
/** Prompts that are answered at an evaluation, at most. */
const MOST_SAMPLES = 12;

export class Follower {
  place: Place;
  /** How the job ended, in its own words. */
  end: Extract<JobLine, { event: 'done' | 'stopped' | 'error' }> | null = null;
  /** Whether the job has told something of the training. */
  hasBegun = false;
  isReattached = false;
  /** The disk there is full, which the log can't say. */
  isFull = false;
  step: number;
  readonly #folder: string;
  readonly #emit: (event: EngineEvent) => void;
  #evaluated: number;
  #reader = new LogReader();
  #isStartTold = false;
  #restarts = 0;
  #isNew = false;
  #savedAt = 0;
  #received = 0;
  /** Of the steps that were told, which need not be all. */
  #stepMs = 0;
  #stepTokens = 0;

  constructor(folder: string, place: Place, emit: (event: EngineEvent) => void) {
    this.#folder = folder;
    this.place = place;
    this.#emit = emit;
    const known = metricsIn(folder);
    const last = (kind: string) =>
      known.reduce((most, one) => (one.event === kind ? Math.max(most, one.step) : most), -1);
    this.step = Math.max(0, last('step'));
    this.#evaluated = last('eval');
    for (const { event, stepMs = 0, tokens = 0 } of known) if (event === 'step') this.#count(stepMs, tokens);
  }

  get log(): readonly string[] {
    return [...this.#reader.last, ...(this.isFull ? ['No space left on device'] : [])];
  }

  /** Another job begins, with a log of its own. One that was named but perhaps not started keeps its name: it is to start once. */
  began(): void {
    this.end = null;
    this.hasBegun = false;
    this.#isNew = true;
    this.again();
    this.#reader.forget();
    const { job, isStarted } = this.place;
    this.change({ job: job === null || isStarted ? `fettle-${randomUUID()}` : job, offset: 0 });
  }

  /** The log is read on from the last whole line. */
  again(): void {
    this.save();
    this.#received = 0;
    this.#reader = new LogReader(this.#reader.last);
  }

  /** The job goes on that an earlier process has started. */
  reattach(): void {
    this.isReattached = true;
    this.#tellStart(this.step, this.place.start?.device ?? '');
  }

  read(bytes: Buffer): void {
    this.#received += bytes.length;
    for (const line of this.#reader.read(bytes)) this.#take(line);
    if (Date.now() - this.#savedAt > SAVED_MS) this.save();
  }

  /** Keeps how far the log was read; what has not ended, and how the job ended, is read again. */
  save(): void {
    this.#savedAt = Date.now();
    const read = this.end ? 0 : this.#received - this.#reader.pending;
    this.#received -= read;
    this.change({ offset: this.place.offset + read });
  }

  change(change: Partial<Place>): void {
    this.place = { ...this.place, ...change };
    writePlace(this.#folder, this.place);
  }

  /** Of a step that the run does not have: what is kept of each must come to an end. */
  #isBeyond({ step }: { readonly step: number }): boolean {
    return step > (this.place.start?.steps ?? Number.POSITIVE_INFINITY);
  }

  /** Whether a sample is of the newest evaluation, which has only so many. */
  #isNewest({ step }: { readonly step: number }): boolean {
    const seen = this.place.seen.samples.map((key) => Number.parseInt(key, 10));
    return step >= Math.max(0, ...seen) && seen.filter((one) => one === step).length < MOST_SAMPLES;
  }

  get tokensPerSecond(): number {
    return this.#stepMs > 0 ? this.#stepTokens / (this.#stepMs / 1000) : 0;
  }

  #count(stepMs: number, tokens: number): void {
    this.#stepMs += stepMs;
    this.#stepTokens += tokens;
  }

  #take(line: JobLine): void {
    this.hasBegun = true;
    if (line.event === 'begin') this.#begin(line);
    else if (line.event === 'phase') this.#emit({ event: 'phase', phase: line.phase });
    else if (line.event === 'step') this.#step(line);
    else if (line.event === 'eval') this.#evaluation(line);
    else if (line.event === 'sample') this.#sample(line);
    else if (line.event === 'checkpoint') this.#checkpoint(line);
    else this.end = line;
  }

  #step(line: Extract<JobLine, { event: 'step' }>): void {
    if (line.step <= this.step || this.#isBeyond(line)) return;
    this.step = line.step;
    this.#count(line.stepMs, line.tokens);
    this.#keep({ ...line, memoryBytes: line.rssBytes });
  }

  #evaluation(line: Extract<JobLine, { event: 'eval' }>): void {
    if (line.step <= this.#evaluated || this.#isBeyond(line)) return;
    this.#evaluated = line.step;
    this.#keep(line);
  }

  #checkpoint(line: Extract<JobLine, { event: 'checkpoint' }>): void {
    if (line.step <= this.place.seen.checkpoint || this.#isBeyond(line)) return;
    this.place = { ...this.place, seen: { ...this.place.seen, checkpoint: line.step } };
    this.#emit(line);
  }

  #begin({ stepsDone, device }: Extract<JobLine, { event: 'begin' }>): void {
    this.end = null;
    // read again of a job that has ended
    if (!this.#isNew && !this.isReattached) return;
    if (this.#isStartTold) {
      if (++this.#restarts > MOST_RESTARTS) return;
      const message = say`A process of ${this.place.target} failed. It continues from step ${stepsDone}.`;
      this.#emit({ event: 'warning', code: 'target-restarted', message });
      return;
    }
    if (this.place.start) this.place = { ...this.place, start: { ...this.place.start, device } };
    this.#tellStart(Math.min(stepsDone, this.step), device);
  }

  #tellStart(stepsDone: number, device: string): void {
    const { start } = this.place;
    if (this.#isStartTold || !start) return;
    this.#isStartTold = true;
    this.#emit({ ...start, device, stepsDone });
  }

  /** As the engine does with its own figures: an assessment and a recovered history read them. */
  #keep(event: Extract<EngineEvent, { event: 'step' | 'eval' }>): void {
    appendFileSync(path.join(this.#folder, 'metrics.jsonl'), `${JSON.stringify(event)}\n`);
    this.#emit(event);
  }

  #sample(line: Extract<JobLine, { event: 'sample' }>): void {
    const key = `${line.step} ${line.prompt}`;
    const { samples } = this.place.seen;
    if (samples.includes(key) || this.#isBeyond(line) || !this.#isNewest(line)) return;
    // as many as may come again after a break
    this.place = {
      ...this.place,
      seen: { ...this.place.seen, samples: [...samples, key].slice(-MOST_SAMPLES) },
    };
    this.#emit(line);
  }
}

const Known = z.object({
  event: z.string(),
  step: z.number(),
  stepMs: z.number().optional(),
  tokens: z.number().optional(),
});

/** What was kept; a line that is damaged counts as none. */
function metricsIn(folder: string): z.infer<typeof Known>[] {
  const file = path.join(folder, 'metrics.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => Known.safeParse(parsedJson(line)).data ?? []);
}
