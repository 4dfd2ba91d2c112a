/** Tuning jobs: one trains, others wait; what came of each is kept in a file, and one that was cut short can be resumed. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { parsedJson } from '../../../common/values.ts';
import { trainRecorded } from '../../app/train-here.ts';
import { workHere } from '../../app/work-here.ts';
import { configHere } from '../../cli/train.ts';
import type { RunConfig } from '../../engine/config/config.ts';
import { described } from '../../runs/problems.ts';
import { writeWhole } from '../../store/data-files.ts';
import { seconds, type Uploads } from './files.ts';
import { flagsOf, type JobRequest, numbersOf, shownNumbers, stepsOf } from './request.ts';
import { Refusal } from './wire.ts';

export interface JobObject {
  readonly id: string;
  readonly object: 'fine_tuning.job';
  readonly created_at: number;
  readonly model: string;
  readonly training_file: string;
  readonly validation_file: string | null;
  readonly seed: number;
  readonly hyperparameters: object;
  readonly method: object;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly organization_id: 'this-computer';
  readonly result_files: readonly string[];
  status: 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
  error: { readonly code: string; readonly message: string; readonly param: null } | null;
  fine_tuned_model: string | null;
  finished_at: number | null;
  trained_tokens: number | null;
}

export interface JobEvent {
  readonly id: string;
  readonly object: 'fine_tuning.job.event';
  readonly created_at: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly type: 'message' | 'metrics';
  readonly data: object;
}

interface Kept {
  readonly job: JobObject;
  readonly request: JobRequest;
  events: JobEvent[];
  /** Measured when its result was written. */
  last: { readonly step: number; readonly loss: number | null; readonly heldOutLoss: number | null } | null;
}

/** Jobs that are kept, and events of each. */
const MOST_JOBS = 500;
const MOST_EVENTS = 5000;
const USUAL_SEED = 42;

export class TuningJobs {
  readonly #folder: string;
  readonly #uploads: Uploads;
  /** The path of a model that clients call by that name. */
  readonly #modelOf: (name: string) => string;
  readonly #all: Map<string, Kept>;
  #running: { readonly id: string; readonly stop: AbortController; ended: Promise<void> } | null = null;
  /** What a job under way becomes once it has stopped. */
  #wanted: 'paused' | 'cancelled' = 'paused';

  constructor(folder: string, uploads: Uploads, modelOf: (name: string) => string) {
    [this.#folder, this.#uploads, this.#modelOf] = [folder, uploads, modelOf];
    const file = this.#file();
    const kept = existsSync(file) ? (parsedJson(readFileSync(file, 'utf8')) as Kept[] | undefined) : [];
    this.#all = new Map((kept ?? []).map((one) => [one.job.id, one]));
    // its process is gone: the newest checkpoint holds
    for (const { job } of this.#all.values()) if (job.status === 'running') job.status = 'paused';
  }

  list(): JobObject[] {
    return [...this.#all.values()].map(({ job }) => job).reverse();
  }

  find(id: string): JobObject {
    return this.#kept(id).job;
  }

  /** The newest first. */
  events(id: string): readonly JobEvent[] {
    return this.#kept(id).events.toReversed();
  }

  checkpoints(id: string): object[] {
    const { job, last } = this.#kept(id);
    if (job.fine_tuned_model === null || !last) return [];
    const { step, loss, heldOutLoss } = last;
    return [
      {
        ...{ id: `ftckpt-${id}`, object: 'fine_tuning.job.checkpoint', created_at: job.finished_at },
        ...{ fine_tuned_model_checkpoint: job.fine_tuned_model, fine_tuning_job_id: id, step_number: step },
        metrics: { step, train_loss: loss, full_valid_loss: heldOutLoss },
      },
    ];
  }

  /** The folder of the run, by the name of the model that it made. */
  folderOf(model: string): string | null {
    const made = [...this.#all.values()].find(({ job }) => job.fine_tuned_model === model);
    return made ? this.#out(made.job.id) : null;
  }

  async create(request: JobRequest): Promise<JobObject> {
    this.#modelOf(request.model);
    await this.#uploads.find(request.training_file);
    if (request.validation_file !== undefined) await this.#uploads.find(request.validation_file);
    if (this.#all.size >= MOST_JOBS) throw new Refusal(429, 'too_many_jobs', 'There are too many jobs here.');
    flagsOf(request, {});
    const { method, seed = USUAL_SEED, metadata = null } = request;
    const job: JobObject = {
      ...{ id: `ftjob-${randomBytes(12).toString('hex')}`, object: 'fine_tuning.job', created_at: seconds() },
      ...{ model: request.model, training_file: request.training_file, seed, metadata },
      validation_file: request.validation_file ?? null,
      hyperparameters: {
        n_epochs: 'auto',
        batch_size: 'auto',
        learning_rate_multiplier: 'auto',
        ...shownNumbers(request),
      },
      method: method ?? { type: 'supervised' },
      ...{ organization_id: 'this-computer', result_files: [], status: 'queued', error: null },
      ...{ fine_tuned_model: null, finished_at: null, trained_tokens: null },
    };
    const kept: Kept = { job, request, events: [], last: null };
    this.#all.set(job.id, kept);
    this.#say(kept, 'info', 'Created fine-tuning job');
    this.#next();
    return job;
  }

  async end(id: string, as: 'paused' | 'cancelled'): Promise<JobObject> {
    const kept = this.#kept(id);
    const { job } = kept;
    if (this.#running?.id === id) {
      this.#wanted = as;
      this.#running.stop.abort();
      await this.#running.ended;
    } else if (job.status === 'queued' || (job.status === 'paused' && as === 'cancelled')) {
      job.status = as;
      if (as === 'cancelled') job.finished_at = seconds();
      this.#save();
    } else throw new Refusal(400, 'invalid_state', `This job is ${job.status} and can't be ${as}.`);
    return job;
  }

  resume(id: string): JobObject {
    const { job } = this.#kept(id);
    if (job.status !== 'paused') throw new Refusal(400, 'invalid_state', `This job is ${job.status}.`);
    job.status = 'queued';
    this.#save();
    this.#next();
    return job;
  }

  /** Pauses what is under way. */
  async close(): Promise<void> {
    this.#running?.stop.abort();
    await this.#running?.ended;
  }

  #next(): void {
    const kept = [...this.#all.values()].find(({ job }) => job.status === 'queued');
    if (this.#running || !kept) return;
    this.#wanted = 'paused';
    const stop = new AbortController();
    const running = { id: kept.job.id, stop, ended: Promise.resolve() };
    this.#running = running;
    running.ended = this.#train(kept, stop.signal).finally(() => {
      this.#running = null;
      if (!stop.signal.aborted || this.#wanted === 'cancelled') this.#next();
    });
  }

  async #train(kept: Kept, stop: AbortSignal): Promise<void> {
    const { job, request } = kept;
    const out = this.#out(job.id);
    const resume = existsSync(path.join(out, 'run.json'));
    job.status = 'running';
    this.#say(kept, 'info', resume ? 'Fine-tuning job resumed' : 'Fine-tuning job started');
    try {
      const files = {
        ...{ model: this.#modelOf(job.model), data: this.#uploads.pathOf(job.training_file), out },
        ...(job.validation_file && { 'eval-data': this.#uploads.pathOf(job.validation_file) }),
      };
      const values = resume
        ? new Map<string, unknown>([
            ['out', out],
            ['resume', true],
          ])
        : flagsOf(request, files);
      const chosen = await configHere({ values, positionals: [] }, (text) =>
        this.#say(kept, 'info', String(text)),
      );
      const config = resume ? chosen : await this.#asked(kept, chosen);
      const emit = (event: EngineEvent) => this.#hear(kept, event);
      const end = await trainRecorded(
        { config, resume, stop, emit },
        { warn: (text) => this.#say(kept, 'warn', text) },
      );
      if (end.event === 'stopped') return this.#finish(kept, this.#wanted);
      job.trained_tokens = end.trainedTokens;
      kept.last = { step: end.bestStep, loss: end.finalLoss, heldOutLoss: end.heldOutLoss };
      job.fine_tuned_model = `ft:${job.model}:fettle:${request.suffix ?? ''}:${job.id.slice(-8)}`;
      this.#finish(kept, 'succeeded');
    } catch (error) {
      if (stop.aborted) return this.#finish(kept, this.#wanted);
      const { code, message, hint } = described(error);
      job.error = { code, message: `${message} ${hint}`.trim(), param: null };
      this.#say(kept, 'error', job.error.message);
      this.#finish(kept, 'failed');
    }
  }

  /** The plan with the numbers that no flag stands for. */
  async #asked(kept: Kept, chosen: RunConfig): Promise<RunConfig> {
    const { learning_rate_multiplier: times, batch_size: size } = numbersOf(kept.request);
    let config = chosen;
    if (typeof times === 'number') {
      const { look: _, ...others } = config;
      config = { ...others, learningRate: chosen.learningRate * times };
    }
    if (typeof size === 'number') {
      const facts = await workHere('sampleRows', config);
      config = { ...config, ...stepsOf(size, config, facts) };
      const tokens = config.tokensPerMicroBatch * config.gradientAccumulation;
      const rows = (tokens * facts.rows) / Math.max(1, facts.tokens);
      const words = `batch_size ${size}: steps of ${tokens} tokens, about ${rows.toFixed(1)} of your rows`;
      this.#say(kept, 'info', words);
    }
    return config;
  }

  #finish(kept: Kept, status: JobObject['status']): void {
    kept.job.status = status;
    if (status !== 'paused') kept.job.finished_at = seconds();
    this.#say(kept, status === 'failed' ? 'error' : 'info', `The job is ${status}`);
  }

  #hear(kept: Kept, event: EngineEvent): void {
    if (event.event === 'step') {
      const { step, loss } = event;
      this.#say(kept, 'info', `Step ${step}: training loss=${loss?.toFixed(4)}`, { step, train_loss: loss });
    } else if (event.event === 'eval') {
      const { step, loss } = event;
      this.#say(kept, 'info', `Step ${step}: held-out loss=${loss.toFixed(4)}`, {
        step,
        full_valid_loss: loss,
      });
    } else if (event.event === 'warning') this.#say(kept, 'warn', event.message);
    else if (event.event === 'assessment') this.#say(kept, 'info', event.sentence);
  }

  #say(kept: Kept, level: JobEvent['level'], message: string, metrics?: object): void {
    kept.events.push({
      ...{ id: `ftevent-${randomBytes(8).toString('hex')}`, object: 'fine_tuning.job.event', level, message },
      ...{ created_at: seconds(), type: metrics ? 'metrics' : 'message', data: metrics ?? {} },
    });
    if (kept.events.length > MOST_EVENTS) kept.events = kept.events.slice(-MOST_EVENTS);
    // steps come many a second: what is lost of them with the process is in the run's folder
    if (!metrics) this.#save();
  }

  #kept(id: string): Kept {
    const kept = this.#all.get(id);
    if (kept) return kept;
    throw new Refusal(404, 'not_found', `There is no job ${id.slice(0, 60)}.`);
  }

  #save(): void {
    writeWhole(this.#file(), JSON.stringify([...this.#all.values()]));
  }

  #file(): string {
    return path.join(this.#folder, 'jobs.json');
  }

  #out(id: string): string {
    return path.join(this.#folder, 'runs', id);
  }
}
