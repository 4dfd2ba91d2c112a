/** Folders that a person searches in: their indexes in the data folder, brought up to date, asked and forgotten. */
import { statSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { CallInput } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type {
  FindEncoder,
  FindReaders,
  FoundBy,
  IndexedFolder,
  IndexNews,
  IndexResult,
  PassageInFile,
} from '../../../common/extras/find/calls.ts';
import { METHODS } from '../../../common/extras/find/reading-runs.ts';
import type { Trainer } from '../../../common/extras/find/vectors.ts';
import { say } from '../../../common/words/language.ts';
import type { Parts } from '../../app/parts.ts';
import { channel } from '../../changes.ts';
import { encoderIn } from '../../hub/local.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import type { Store } from '../../store/store.ts';
import { Asking } from './asking.ts';
import { FOLDER, FolderIndex, idOf, indexPath, placed, removeIndex } from './index-file.ts';
import { updateIndex } from './indexing.ts';

/** Trained runs of each kind whose models are offered: the newest. */
const NEWEST = { sort: 'created', descending: true, offset: 0, limit: 50 } as const;

/** The file of a trained model. */
const WEIGHTS = 'model.safetensors';

/** Passages before and after one that are shown with it. */
const AROUND = 40;

type Behind = Pick<Parts, 'store' | 'engine' | 'allowed'>;
type Done = { readonly kind: 'done'; readonly id: string } & IndexResult;

export class Finder {
  readonly #parts: Behind;
  readonly #asking: Asking;
  /** Indexes that are being brought up to date, and when each ends. */
  readonly #busy = new Map<
    string,
    { readonly ended: Promise<void>; readonly signal: AbortSignal | undefined }
  >();

  constructor(parts: Behind) {
    this.#parts = parts;
    this.#asking = new Asking(parts.engine);
  }

  readers(): Promise<FindReaders> {
    return readersFor(this.#parts.store, this.#parts.engine);
  }

  async folders(): Promise<IndexedFolder[]> {
    const at = path.join(this.#parts.store.folder, FOLDER);
    const names = (await readdir(at).catch((): string[] => [])).filter((name) =>
      /^[0-9a-f]{16}\.db$/.test(name),
    );
    return names
      .map((name) => withIndex(path.join(at, name), '', (index) => describe(index)))
      .filter(({ folder }) => folder !== '')
      .sort((a, b) => a.folder.localeCompare(b.folder));
  }

  /** Tells how far it is, and at its end what came of it; what is read before it is stopped is kept. */
  index(
    { folder: asked, encoders: paths, isLook }: CallInput<'find', 'index'>,
    signal?: AbortSignal,
  ): AsyncGenerator<IndexNews | Done> {
    const given = path.resolve(asked);
    const { store, engine, allowed } = this.#parts;
    return channel<IndexNews | Done>(async (send) => {
      const id = idOf(given);
      // one that was indexed was chosen before
      const isKnown = (await this.folders()).some((one) => one.id === id);
      if (!isKnown) await allowed.read([given], { asksLater: true });
      const encoders = paths.length === 0 ? [] : chosenOf((await this.readers()).encoders, paths);
      const folder = await requireFolder(given);
      const before = this.#busy.get(id);
      if (before && !before.signal?.aborted) throw busy(folder);
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      this.#busy.set(id, { ended, signal });
      await before?.ended;
      try {
        const result = await withIndex(indexPath(store.folder, given), given, (index) =>
          updateIndex(index, { folder, encoders, isLook }, { engine, signal, tell: send }),
        );
        send({ kind: 'done', id, ...result });
      } finally {
        if (this.#busy.get(id)?.ended === ended) this.#busy.delete(id);
        end();
      }
    });
  }

  async ask(
    { id, question, encoders, reranker, most }: CallInput<'find', 'ask'>,
    signal?: AbortSignal,
  ): Promise<FoundBy[]> {
    const isAsked = encoders.length > 0 || reranker !== undefined;
    const here = isAsked ? await this.readers() : { encoders: [], rerankers: [] };
    const chosen = chosenOf(here.encoders, encoders);
    const [ordering] = reranker === undefined ? [] : chosenOf(here.rerankers, [reranker]);
    return await withIndex(this.#fileOf(id), '', (index) =>
      this.#asking.ask(index, question, { encoders: chosen, reranker: ordering, most, signal }),
    );
  }

  /** A passage with what stands around it. */
  inFile({ id, passage }: CallInput<'find', 'inFile'>): PassageInFile {
    return withIndex(this.#fileOf(id), '', (index) => {
      const found = index.around(passage, AROUND);
      if (found === null)
        throw new AppError('no-passage', say`This passage is no longer in its file.`, say`Search again.`);
      const { path: below, isWhole, passages } = found;
      return { file: path.join(index.folder, below), isWhole, passages: passages.map(placed) };
    });
  }

  async remove(id: string): Promise<void> {
    const file = this.#fileOf(id);
    const before = this.#busy.get(id);
    if (before && !before.signal?.aborted) throw busy(withIndex(file, '', ({ folder }) => folder));
    await before?.ended;
    removeIndex(file);
  }

  #fileOf(id: string): string {
    const file = path.join(this.#parts.store.folder, FOLDER, `${path.basename(id)}.db`);
    if (/^[0-9a-f]{16}$/.test(id) && statSync(file, { throwIfNoEntry: false })) return file;
    throw new AppError('no-index', say`This folder is not indexed any more.`, say`Choose it again.`);
  }
}

/** Of those that are here the ones with these paths: a page can have no other folder opened. */
export function chosenOf(here: readonly FindEncoder[], paths: readonly string[]): FindEncoder[] {
  return paths.map((one) => {
    const found = here.find((encoder) => encoder.path === one);
    if (found) return found;
    throw new AppError(
      'no-encoder',
      say`This encoder is not on this computer any more.`,
      say`Choose another one.`,
    );
  });
}

/**
 * Encoders on this computer, the smallest first: those that Fettle keeps or other programs have downloaded, those that the person has pointed
 * at, and those that were trained; and rerankers, those that were trained first, the newest first.
 */
export async function readersFor(
  { models, runs }: Pick<Store, 'models' | 'runs'>,
  engine: Pick<EngineCalls, 'encoders' | 'rerankers'>,
): Promise<FindReaders> {
  const named = await Promise.all(
    models
      .readers()
      .filter(({ available }) => available)
      .map(async (one) => ({ ...one, kind: await encoderIn(one.path) })),
  );
  const of = (wanted: 'known' | 'scores') => named.filter(({ kind }) => kind === wanted);
  const encoders = [...(await engine.encoders()), ...of('known'), ...trainedBy(runs, 'vectors')];
  const rerankers = [...trainedBy(runs, 'reranker'), ...(await engine.rerankers()), ...of('scores')];
  return { encoders: onceEach(encoders).sort((a, b) => a.bytes - b.bytes), rerankers: onceEach(rerankers) };
}

function onceEach(found: readonly FindEncoder[]): FindEncoder[] {
  const byPath = Map.groupBy(found, ({ path: folder }) => folder);
  return Array.from(byPath.values(), ([first]) => first!);
}

/** What runs have trained and is still there. */
function trainedBy(runs: Store['runs'], trainer: Trainer): FindEncoder[] {
  const filter = { ...NEWEST, states: ['done' as const, 'stopped-early' as const], method: METHODS[trainer] };
  return runs.list(filter).rows.flatMap(({ id, name }) => {
    const { config, done, score, rival } = runs.get(id);
    const result = done?.result;
    const weights = result !== undefined && statSync(path.join(result, WEIGHTS), { throwIfNoEntry: false });
    const trained = {
      model: String(config.model),
      after: score?.value ?? null,
      before: rival?.score.value ?? null,
    };
    return weights ? [{ name, path: result, bytes: weights.size, trained }] : [];
  });
}

function describe(index: FolderIndex): IndexedFolder {
  const { folder, file } = index;
  return {
    id: idOf(folder),
    folder,
    ...index.counts(),
    bytes: statSync(file).size,
    encoders: index.encoders().map(({ name }) => name),
  };
}

export function withIndex<T>(file: string, folder: string, work: (index: FolderIndex) => T): T {
  const index = FolderIndex.open(file, folder);
  let result: T;
  try {
    result = work(index);
  } catch (error) {
    index.close();
    throw error;
  }
  if (result instanceof Promise) return result.finally(() => index.close()) as T;
  index.close();
  return result;
}

/** The folder itself, where a link leads to it. */
export async function requireFolder(given: string): Promise<string> {
  const real = await realpath(given).catch(() => null);
  if (real !== null && statSync(real, { throwIfNoEntry: false })?.isDirectory()) return real;
  throw new AppError('folder-not-found', say`There is no folder ${given}.`, say`Choose another folder.`);
}

function busy(folder: string): AppError {
  return new AppError(
    'index-busy',
    say`${folder} is being read already.`,
    say`Wait until it is done, or stop it.`,
  );
}
