/**
 * Models that answer: chat with any model that is here or with the two of a run, each with its own conversation; and the endpoint for
 * other programs, with the GGUF file that llama.cpp reads, made where there is none.
 */

import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CallInput, ChatPiece, RunDetails, Serving } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { CallEvent } from '../../common/protocol/protocol.ts';
import { ENDPOINT } from '../../common/settings/computing.ts';
import { isSorter } from '../../common/settings/sorters.ts';
import { parsedJson } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { Changes, channel } from '../changes.ts';
import { type EndpointConfig, RUN_FILE } from '../engine/config/config.ts';
import type { InputOf, ResultOf } from '../engine/session/call-table.ts';
import { removePartials } from '../folders.ts';
import { encoderIn } from '../hub/local.ts';
import { type Log, logIn } from '../log.ts';
import { cacheFolder } from '../paths.ts';
import { readText } from '../processes.ts';
import type { EngineCalls } from '../runs/engine-calls.ts';
import { described, describedOnPage } from '../runs/problems.ts';
import type { Store } from '../store/store.ts';
import type { WorkIo } from './work-here.ts';

type Which = ChatPiece['from'];

export type Question = CallInput<'chat', 'ask'>;

interface Behind {
  readonly store: Store;
  readonly engine: EngineCalls;
}

/** The answers piece by piece, one model after the other: two at once would each get half of the cores. */
export function answers(
  { store, engine }: Behind,
  { of, which, messages, maxNewTokens, temperature }: Question,
  signal: AbortSignal | undefined,
): AsyncGenerator<ChatPiece> {
  const models = which.map((from) => ({ from, model: filesOf(store, of, from) }));
  return channel<ChatPiece>(async (send) => {
    for (const { from, model } of models) {
      const config = { ...model, maxNewTokens, temperature, messages: messages[from] };
      const onText = (text: string) => send({ from, text, done: null });
      const { newTokens, tokensPerSecond, stopReason } = await engine.generate(config, onText, signal);
      send({ from, text: '', done: { newTokens, tokensPerSecond, stopReason } });
    }
  });
}

interface Files {
  readonly model: string;
  readonly adapter?: string;
}

export function filesOf(store: Store, of: Question['of'], from: Which): Files {
  if ('runId' in of) return filesOfRun(store, store.runs.get(of.runId), from);
  const model = store.models.find(of.modelId);
  if (model?.available && from === 'before') return { model: model.path };
  throw new AppError('no-model', say`This model is not here any more.`, say`Choose another one.`);
}

/** The files of one of the two models. Throws an AppError where there is no trained one yet. */
function filesOfRun(store: Store, run: RunDetails, from: Which): Files {
  const known = run.modelId === null ? null : store.models.find(run.modelId);
  const base = known?.available ? known.path : String(run.config.model);
  if (from === 'before') return { model: base };
  if (run.done === null)
    throw new AppError(
      'no-result',
      say`“${run.name}” has no result yet.`,
      say`Wait until it ends, or stop it and keep the best.`,
    );
  const { result } = run.done;
  return run.method === 'full' ? { model: result } : { model: base, adapter: result };
}

/** Files of models that were served before; those used longest ago go. */
const MOST_KEPT = 3;

type Work = <Name extends 'export' | 'endpoint'>(
  name: Name,
  input: InputOf<Name>,
  io: WorkIo,
) => Promise<ResultOf<Name>>;

/** Of the settings those that say what is served. */
type Prepared = Pick<EndpointConfig, 'run' | 'model' | 'type'> & {
  readonly threads?: number;
  readonly key?: string;
};

/** As `prepareEndpoint`; an encoder, which makes embeddings alone, and a sorter are served as they are. */
export async function prepareServed(config: Prepared, work: Work, io: WorkIo) {
  const { run, model, key = newKey() } = config;
  const folder = path.resolve(run ?? model!);
  const isAsItIs = run === undefined ? (await encoderIn(folder)) !== null : isSorterFolder(folder);
  if (isAsItIs) return { file: folder, name: path.basename(folder), key };
  return await prepareEndpoint(config, work, io);
}

/** Whether a run is a sorter. */
function isSorterFolder(run: string): boolean {
  const saved = parsedJson(readText(path.join(run, RUN_FILE)) ?? '');
  return isSorter({ method: Object(saved).method });
}

/** What is served for `config`; a run, or a model in a folder, is first written as GGUF and proved, once for each state of its files. */
export async function prepareEndpoint(config: Prepared, work: Work, io: WorkIo) {
  const { run, model, type, threads } = config;
  const source = run ?? model!;
  const name = path.basename(source, '.gguf');
  const key = config.key ?? newKey();
  if (run === undefined && source.endsWith('.gguf')) return { file: source, name, key };
  const folder = path.join(cacheFolder(), 'served');
  const stamps = await Promise.all([source, ...(model === undefined ? [] : [model])].map(stampOf));
  const hash = createHash('sha256')
    .update(JSON.stringify([stamps, type]))
    .digest('hex')
    .slice(0, 32);
  const file = path.join(folder, `${hash}.gguf`);
  if (!existsSync(file)) {
    await mkdir(folder, { recursive: true });
    await removeOldest(folder);
    const asked = { run, model, type, threads, as: 'gguf' as const, name, out: file };
    await work('export', asked, io).finally(() => removePartials(file));
  }
  return { file, name, key };
}

/** The path of a file or folder with the times of all that is in it. */
async function stampOf(of: string): Promise<readonly unknown[]> {
  const found = await stat(of);
  if (!found.isDirectory()) return [path.resolve(of), found.size, found.mtimeMs];
  const names = (await readdir(of)).sort();
  return [path.resolve(of), await Promise.all(names.map((name) => stampOf(path.join(of, name))))];
}

async function removeOldest(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const file = path.join(folder, name);
      return { file, used: (await stat(file)).atimeMs };
    }),
  );
  const old = files.toSorted((a, b) => b.used - a.used).slice(MOST_KEPT - 1);
  await Promise.all(old.map(({ file }) => rm(file, { recursive: true, force: true })));
}

/** How often watchers are told of new requests, at most. */
const PAUSE_MS = 500;

/** The one model that the application serves: a second one would get half of the cores. */
export class ServedModel {
  readonly #parts: Behind;
  readonly #changes = new Changes();
  readonly #log: Log;
  #now: Serving | null = null;
  #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: Behind) {
    this.#parts = parts;
    this.#log = logIn(parts.store);
  }

  watch(signal?: AbortSignal): AsyncGenerator<Serving | null> {
    return this.#changes.watch(() => this.#now, PAUSE_MS, signal);
  }

  /** Begins to serve it, and ends what was served before. */
  async start(of: Question['of']): Promise<void> {
    const { store } = this.#parts;
    const name = 'runId' in of ? store.runs.get(of.runId).name : (store.models.find(of.modelId)?.name ?? '');
    const files = filesOf(store, of, 'runId' in of ? 'after' : 'before');
    await this.#inTurn(async () => {
      await this.#end();
      this.#stop = new AbortController();
      this.#now = {
        of: 'runId' in of ? of.runId : of.modelId,
        name,
        key: newKey(),
        address: null,
        doing: '',
        requests: 0,
        problem: null,
      };
      this.#changes.tell();
      this.#ended = this.#serve(files, this.#now.key, this.#stop.signal);
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#end());
  }

  /** Starts and stops wait for each other: of two that start at once one could never be ended. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #end(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    this.#now = null;
    this.#changes.tell();
  }

  async #serve({ model, adapter }: Files, key: string, stop: AbortSignal): Promise<void> {
    const { serve } = this.#parts.engine;
    try {
      const work: Work = (name, input, { emit }) =>
        serve(name, input, { signal: stop, onEvent: emit ?? (() => {}) });
      const io = { emit: (event: CallEvent) => this.#heard(event), stop };
      const served = await prepareEndpoint({ model, run: adapter, type: ENDPOINT.type, key }, work, io);
      const { port, contextSize, atOnce } = ENDPOINT;
      const { file, name } = served;
      const options = { file, name: this.#now?.name ?? name, key, contextSize, atOnce, origins: [] };
      const at = (where: number) => work('endpoint', { ...options, port: where }, io);
      // the usual port, so that other programs find it again; any where that is in use
      await at(port).catch((error) => {
        if (described(error).code !== 'cannot-listen') throw error;
        return at(0);
      });
    } catch (error) {
      if (!stop.aborted)
        this.#set({ address: null, problem: this.#log.problem('the endpoint', describedOnPage(error)) });
    }
  }

  #heard(event: CallEvent): void {
    if ('listening' in event) this.#set({ address: event.listening.address, doing: '' });
    else if ('request' in event) this.#set({ requests: (this.#now?.requests ?? 0) + 1 });
    else if ('event' in event && event.event === 'phase') this.#set({ doing: event.detail ?? '' });
  }

  #set(change: Partial<Serving>): void {
    if (this.#now === null) return;
    this.#now = { ...this.#now, ...change };
    this.#changes.tell();
  }
}

function newKey(): string {
  return `fettle-${randomBytes(24).toString('base64url')}`;
}
