/**
 * A training on a target as an engine process looks to what started it: the same commands, events and end. So queue, history, pages
 * and command line need to know nothing of targets. What can only be done here, bundle and assessment, is asked of engines of this computer.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Problem } from '../../common/api/contract.ts';
import { AppError, internal } from '../../common/errors.ts';
import type {
  CallEvent,
  DoneEvent,
  EngineCommand,
  EngineEvent,
  EngineReply,
  StoppedEvent,
} from '../../common/protocol/protocol.ts';
import { languageOf, say, useLanguage } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { InputOf, ResultOf } from '../engine/session/call-table.ts';
import { toBundledName } from '../paths.ts';
import type { EngineLink, Fork, ProcessEnding } from '../runs/engine-link.ts';
import { callOrder, EngineRun } from '../runs/engine-run.ts';
import { errorOnPage } from '../runs/problems.ts';
import { causeOfStop, problemThere, stoppedBefore } from './explain.ts';
import { fetchResult, loadsOf, seldom } from './files.ts';
import { Follower } from './follower.ts';
import type { DoneLine } from './lines.ts';
import { patiently } from './patience.ts';
import { jobOf, type Place, readPlace, wasAskedToStop } from './place.ts';
import type { JobState, Target, Wish } from './target.ts';

interface Here {
  /** Gives the target of a name. Throws AppError where it was removed. */
  readonly targetOf: (name: string) => Target;
  /** Starts engines of this computer. */
  readonly fork: Fork;
  /** What `stop` means: the job ends, or it goes on without anybody looking. */
  readonly onStop?: 'end' | 'leave';
}

/** A fork whose engine is the job of the run in `folder`, which says where it is (place.ts). */
export const forkElsewhere =
  (folder: string, here: Here): Fork =>
  () =>
    new TargetJob(folder, here);

const BEAT_MS = 2000;

type Train = Extract<EngineCommand<RunConfig>, { command: 'train' }>;

class TargetJob implements EngineLink {
  readonly pid = undefined;
  readonly #folder: string;
  readonly #here: Here;
  readonly #gone = new AbortController();
  /** Ends the following of a job that is left alone. */
  readonly #left = new AbortController();
  #listener: (message: unknown) => void = () => {};
  #onExit: (how: ProcessEnding) => void = () => {};
  #assessing: EngineRun | null = null;
  #isAsked = false;
  readonly #beat: NodeJS.Timeout;

  constructor(folder: string, here: Here) {
    this.#folder = folder;
    this.#here = here;
    this.#beat = setInterval(() => this.#reply({ beat: { rssBytes: 0 } }), BEAT_MS).unref();
  }

  send(message: unknown): void {
    const command = message as EngineCommand<RunConfig>;
    if (command.command === 'train') void this.#work(command);
    if (command.command === 'stop') this.#ask('STOP');
    if (command.command === 'finish') this.#ask('FINISH');
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#listener = listener;
  }

  onExit(listener: (how: ProcessEnding) => void): void {
    this.#onExit = listener;
  }

  /** Looks no longer; the job goes on. */
  kill(): void {
    this.#gone.abort();
    this.#assessing?.kill();
    this.#exit();
  }

  #exit(): void {
    clearInterval(this.#beat);
    const onExit = this.#onExit;
    this.#onExit = () => {};
    setImmediate(() => onExit({ code: 0, signal: null, stderr: '' }));
  }

  #reply(message: EngineReply): void {
    if (!this.#gone.signal.aborted) this.#listener(message);
  }

  #emit = (event: EngineEvent): void => this.#reply({ event });

  #ask(wish: Wish): void {
    this.#isAsked = true;
    const place = readPlace(this.#folder);
    if (this.#assessing) this.#assessing.stop();
    else if (wish === 'STOP' && this.#here.onStop === 'leave') this.#left.abort();
    else if (!place?.folder || !place.isStarted) this.#left.abort();
    else void this.#pass(place, wish);
  }

  /** What can't be asked is not asked: the job ends by itself. */
  async #pass(place: Place, wish: Wish): Promise<void> {
    const target = this.#here.targetOf(place.target);
    await this.#patiently(target, () => target.ask(jobOf(place), wish)).catch(() => {});
  }

  async #work(order: Train): Promise<void> {
    try {
      await useLanguage(languageOf(order.language));
      const end = await this.#train(order);
      this.#emit(end);
    } catch (error) {
      if (this.#gone.signal.aborted) return;
      const known = error instanceof AppError ? error : null;
      const { message, stack = '' } = error as Error;
      this.#reply({ failed: { code: known?.code ?? null, message, hint: known?.hint ?? '', stack } });
    }
    this.#exit();
  }

  async #train({ config }: Train): Promise<DoneEvent | StoppedEvent> {
    const place = readPlace(this.#folder);
    if (!place)
      throw new AppError('no-run', say`It is not known where this run is trained.`, say`Start a new run.`);
    const target = this.#here.targetOf(place.target);
    const follower = new Follower(this.#folder, place, this.#emit);
    try {
      // a job that was started before may go on, or have ended meanwhile
      if (place.isStarted) await this.#follow(target, follower, 'before');
      // who resumes a job that had ended wants another one
      if (!follower.isReattached && follower.end?.event !== 'done') {
        if (this.#left.signal.aborted) return await this.#leave(follower, config);
        if (!follower.place.isStarted) await this.#begin(target, follower, config);
        await this.#start(target, follower);
        await this.#follow(target, follower, 'now');
      }
      const { end } = follower;
      if (this.#left.signal.aborted && !end) return await this.#leave(follower, config);
      if (end?.event === 'done') return await this.#finish(target, follower, end, config);
      if (end?.event === 'stopped') {
        this.#tellCause(follower);
        return stoppedEvent(end.step, end.steps, config, place.target);
      }
      const problem = problemThere(place.target, follower.log, end ?? null);
      // a job that has not begun has left the queue
      if (!end && !follower.hasBegun && !follower.isFull) {
        const wasAsked = wasAskedToStop(this.#folder, follower.place);
        if (!this.#isAsked) this.#warn(wasAsked ? stoppedBefore(place.target) : problem);
        return stoppedEvent(follower.step, follower.place.start?.steps ?? 0, config, place.target);
      }
      throw new AppError(problem.code, problem.message, problem.hint);
    } catch (error) {
      if (!this.#left.signal.aborted || error instanceof AppError) throw error;
      return await this.#leave(follower, config);
    }
  }

  /** Says why a job was saved and ended that nobody here has asked to. */
  #tellCause({ place, log }: Follower): void {
    const cause = this.#isAsked ? null : causeOfStop(place.target, log);
    if (cause) this.#warn(cause);
  }

  #warn({ code, message, hint }: Problem): void {
    this.#emit({ event: 'warning', code, message: `${message} ${hint}` });
  }

  async #leave({ place, step }: Follower, config: RunConfig): Promise<StoppedEvent> {
    if (place.isStarted) return stoppedEvent(step, place.start?.steps ?? 0, config, place.target);
    throw new AppError(
      'stopped',
      say`Stopped before the first step. Nothing was saved.`,
      say`Start it again.`,
    );
  }

  /** Makes the bundle and sends it, with the model's files where the target does not have them. */
  async #begin(target: Target, follower: Follower, config: RunConfig): Promise<void> {
    const { hub, target: name } = follower.place;
    mkdirSync(config.out, { recursive: true });
    writeFileSync(path.join(config.out, 'run.json'), `${JSON.stringify(config, toBundledName, 2)}\n`);
    const scratch = await mkdtemp(path.join(os.tmpdir(), 'fettle-bundle-'));
    try {
      const { start, model } = await this.#call('bundle', { config, out: scratch, hub });
      const { loads, ...there } = await loadsOf(scratch, config.out, model);
      const detail = say`sending to ${name}`;
      const onBytes = seldom((done, total) =>
        this.#emit({ event: 'phase', phase: 'load', fraction: total === 0 ? 1 : done / total, detail }),
      );
      await this.#patiently(target, () => target.send(loads, { onBytes, signal: this.#signal }));
      follower.change({ ...there, start: { ...start, target: name } });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async #start(target: Target, follower: Follower): Promise<void> {
    this.#emit({ event: 'phase', phase: 'load', detail: say`starting on ${follower.place.target}` });
    follower.began();
    await this.#patiently(target, () => target.start(jobOf(follower.place), this.#signal));
    follower.change({ isStarted: true });
  }

  get #signal(): AbortSignal {
    return AbortSignal.any([this.#gone.signal, this.#left.signal]);
  }

  /** Reads the log until the job has ended, however often the connection is lost. */
  async #follow(target: Target, follower: Follower, when: 'before' | 'now'): Promise<void> {
    const { name } = target.spec;
    let wasQueued = false;
    const on = {
      onLog: (bytes: Buffer) => follower.read(bytes),
      onState: ({ kind, isFull }: JobState) => {
        follower.isFull = isFull === true;
        if (kind === 'queued' && !wasQueued)
          this.#emit({ event: 'phase', phase: 'load', detail: say`waiting in the queue of ${name}` });
        wasQueued = kind === 'queued';
        if (kind !== 'ended' && when === 'before') follower.reattach();
      },
    };
    await this.#patiently(target, async () => {
      follower.again();
      await target.follow(jobOf(follower.place), follower.place.offset, on, this.#signal);
    });
    follower.save();
  }

  /** Does `work` again while the target cannot be reached. */
  #patiently(target: Target, work: () => Promise<void>): Promise<void> {
    const onLost = (message: string) => this.#emit({ event: 'warning', code: 'target-unreachable', message });
    return patiently(target.spec.name, work, { signal: this.#signal, onLost });
  }

  /** Brings the result, checks it, and assesses it here. */
  async #finish(target: Target, follower: Follower, line: DoneLine, config: RunConfig): Promise<DoneEvent> {
    const { name } = target.spec;
    const result = path.join(config.out, config.method === 'full' ? 'model' : 'adapter');
    const job = jobOf(follower.place);
    const { signal } = this.#gone;
    await fetchResult(line, result, {
      from: name,
      most: mostOfResult(follower.place.start),
      fetch: (file, to, { bytes, onBytes }) =>
        this.#patiently(target, () => target.fetch(job, file, to, { bytes, onBytes, signal })),
      onFraction: (fraction) =>
        this.#emit({ event: 'phase', phase: 'save', fraction, detail: say`fetching from ${name}` }),
    });
    const { files: _, ...facts } = line;
    const done: DoneEvent = {
      ...facts,
      trainedTokensPerSecond: follower.tokensPerSecond,
      secondsToFirstStep: null,
      out: config.out,
      result,
    };
    writeFileSync(path.join(config.out, 'result.json'), `${JSON.stringify(done, null, 2)}\n`);
    if (config.assess) await this.#assess(config);
    return done;
  }

  async #assess({ out, thorough }: RunConfig): Promise<void> {
    try {
      const input = { run: out, ...(thorough && { thorough }) };
      const { verdict, report } = await this.#call('assess', input);
      const { sentence, remarks, learned, forgot } = verdict;
      this.#emit({ event: 'assessment', sentence, remarks, learned, forgot, report });
    } catch (error) {
      if (this.#gone.signal.aborted) throw error;
      const why = (error as Error).message;
      const message = this.#isAsked
        ? say`You skipped the comparison. The result is saved, and you can compare later.`
        : say`The result is saved, but comparing it with the base model failed: ${why}`;
      this.#emit({ event: 'warning', code: 'not-assessed', message });
    }
  }

  /** Asks an engine of this computer. */
  async #call<Name extends 'bundle' | 'assess'>(name: Name, input: InputOf<Name>): Promise<ResultOf<Name>> {
    const onEvent = (event: CallEvent) => 'event' in event && this.#emit(event);
    const run = new EngineRun(this.#here.fork, callOrder(name, input), onEvent, Date.now);
    if (name === 'assess') this.#assessing = run;
    const stop = () => run.kill();
    this.#signal.addEventListener('abort', stop);
    const outcome = await run.outcome;
    this.#signal.removeEventListener('abort', stop);
    this.#assessing = null;
    if (outcome.kind === 'result') return outcome.result as ResultOf<Name>;
    if (outcome.kind === 'failed') throw errorOnPage(outcome);
    this.#signal.throwIfAborted();
    throw outcome.kind === 'died' ? errorOnPage(outcome) : internal(`a call ended with ${outcome.kind}`);
  }
}

/** Bytes of a number of a result, and of what lies beside the weights: settings, tokenizer, template. */
const NUMBER_BYTES = 4;
const BESIDE_BYTES = 256 * 2 ** 20;

/** The most that a run can produce: what it trains, or, of all weights, the whole model. */
function mostOfResult(start: Place['start']): number {
  const weights = start?.method === 'full' ? start.parameters : (start?.trainableParameters ?? 0);
  return NUMBER_BYTES * weights + BESIDE_BYTES;
}

function stoppedEvent(step: number, steps: number, { out }: RunConfig, target: string): StoppedEvent {
  return { event: 'stopped', step, steps, checkpoint: target, resume: `fettle submit --out ${out} --resume` };
}
