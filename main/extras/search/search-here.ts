/** A search of settings in the foreground: its short trainings one after the other, each kept in the history, and its state in a file. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent, TriedSettings } from '../../../common/protocol/protocol.ts';
import { nestedSettings } from '../../../common/settings/form.ts';
import { knownHere } from '../../app/grounds.ts';
import { labelRun } from '../../app/history.ts';
import { trainRecorded } from '../../app/train-here.ts';
import type { RunConfig } from '../../engine/config/config.ts';
import { toBundledName, toBundledPath } from '../../paths.ts';
import { estimate } from '../../plan/estimate.ts';
import { rename } from '../../rename.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { lossAt } from '../../store/events.ts';
import { type Given, plannedTries, searchOn, searchTag, standingOf, tryChanges } from './settings-search.ts';

const FILE = 'search.json';

/** What a search is made of: the training whose settings are varied, in whose folder the runs lie, and what is known of them. */
export interface SearchHere {
  readonly config: RunConfig;
  readonly tried: readonly TriedSettings[];
}

interface SearchIo {
  readonly stop: AbortSignal;
  emit(event: EngineEvent): void;
  /** A short training begins: its number, and the step that it goes to. */
  begins(candidate: number, step: number): void;
  ended(tried: readonly TriedSettings[], candidate: number): void;
  warn(text: string): void;
}

/** Plans a search into the folder of `config`, which must not hold one yet. */
export async function planSearchHere(
  config: RunConfig,
  {
    tries,
    given,
    engine,
  }: { readonly tries: number; readonly given: Given; readonly engine: Pick<EngineCalls, 'plan'> },
): Promise<SearchHere> {
  if (existsSync(path.join(config.out, FILE)))
    throw new AppError(
      'file-exists',
      `There is a search in ${config.out} already.`,
      'Continue it with --resume, or name another folder.',
    );
  const known = await knownHere();
  const tried = await plannedTries(config, {
    tries,
    given,
    figures: async (changes) => {
      const plan = await engine.plan(withChanges(config, changes));
      return { ...plan, estimate: estimate(plan, known.of(plan.executor, plan.device)) };
    },
  });
  return { config, tried };
}

/** The search that was begun in `folder`. Throws an AppError where there is none. */
export async function searchIn(folder: string): Promise<SearchHere> {
  const file = path.join(folder, FILE);
  try {
    return JSON.parse(await readFile(file, 'utf8'), toBundledPath) as SearchHere;
  } catch (cause) {
    throw new AppError(
      'no-run',
      `There is no search to resume in ${folder}: ${file} can't be read.`,
      'Leave out --resume to begin one there.',
      { cause },
    );
  }
}

/** The search in the terminal that a run in `folder` was made for; null where there is none. */
export async function searchAround(folder: string): Promise<SearchHere | null> {
  const search = await searchIn(path.dirname(folder)).catch(() => null);
  const isTry = search?.tried.some(
    (_, candidate) => path.basename(tryFolder('', candidate)) === path.basename(folder),
  );
  return isTry ? search : null;
}

/** Trains what `search` has still to train; gives what is known then, and whether that is all. */
export async function searchHere(
  { config, tried: known }: SearchHere,
  io: SearchIo,
): Promise<{ readonly tried: readonly TriedSettings[]; readonly isDone: boolean }> {
  await mkdir(config.out, { recursive: true });
  const file = path.join(config.out, FILE);
  const keep = async (tried: readonly TriedSettings[]) => {
    await writeFile(`${file}.partial`, `${JSON.stringify({ config, tried }, toBundledName, 2)}\n`);
    await rename(`${file}.partial`, file);
  };
  await keep(known);
  let tried = known;
  const train = async (candidate: number, step: number) => {
    if (io.stop.aborted) return 'stopped' as const;
    io.begins(candidate, step);
    return trainUntil(tryConfig(config, tried, candidate), step, io);
  };
  return searchOn(known, {
    train,
    async keep(now) {
      const candidate = now.findIndex((one, i) => one !== tried[i]);
      tried = now;
      await keep(now);
      io.ended(now, candidate);
    },
    drop: (candidate) =>
      rm(path.join(tryFolder(config.out, candidate), 'checkpoints'), { recursive: true, force: true }),
  });
}

/** The training of a candidate; `isWhole`: as it is when it is no longer compared. */
export function tryConfig(
  config: RunConfig,
  tried: readonly TriedSettings[],
  candidate: number,
  isWhole = false,
): RunConfig {
  const { evalEvery, earlyStopping } = config;
  const changes = tryChanges(config, tried[candidate]!);
  const own = isWhole ? { evalEvery, earlyStopping } : {};
  return { ...withChanges(config, { ...changes, ...own }), out: tryFolder(config.out, candidate) };
}

/** Numbers of all candidates, the best first. */
export const rankedHere = ({ tried }: Pick<SearchHere, 'tried'>): readonly number[] =>
  standingOf(tried).ranking;

const tryFolder = (out: string, candidate: number) => path.join(out, `try-${candidate + 1}`);

/** Values that cannot be are refused by the engine, which plans each of them first. */
function withChanges(config: RunConfig, changes: Readonly<Record<string, unknown>>): RunConfig {
  const { lora, ...others } = nestedSettings(changes) as { readonly lora?: object };
  return { ...config, ...others, lora: { ...config.lora, ...lora } };
}

/** Trains until the evaluation at `step`, and pauses there. */
async function trainUntil(config: RunConfig, step: number, { stop, emit, warn }: SearchIo) {
  const known = lossAt(config.out, step);
  if (known !== null) return { loss: known, run: config.out };
  const pause = new AbortController();
  let loss: number | undefined;
  const request = {
    config,
    resume: existsSync(path.join(config.out, 'run.json')),
    stop: AbortSignal.any([stop, pause.signal]),
    emit(event: EngineEvent) {
      emit(event);
      if (event.event !== 'eval' || event.step < step) return;
      loss ??= event.loss;
      pause.abort();
    },
  };
  try {
    await trainRecorded(request, { warn });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (stop.aborted) return 'stopped' as const;
    // too high a rate is an answer, too; all else would end the others likewise
    if (error.code !== 'diverged') throw error;
    return { loss: null, run: config.out };
  } finally {
    const search = path.basename(path.dirname(config.out));
    await labelRun(config.out, {
      name: `${search}, ${path.basename(config.out)}`,
      tags: [searchTag(search)],
    });
  }
  return loss === undefined ? ('stopped' as const) : { loss, run: config.out };
}
