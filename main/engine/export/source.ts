/** What is exported: the model and adapter that a folder or path stands for, and what is known of them. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, nullIfMissing } from '../../../common/errors.ts';
import type { AssessResult, Compared, DoneEvent } from '../../../common/protocol/protocol.ts';
import { isGradual, tellsForm } from '../../../common/scores.ts';
import { madeOf, ROWS, valueAt } from '../../../common/settings/table.ts';
import { ofRow } from '../../../common/values.ts';
import { percent } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { toBundledPath } from '../../paths.ts';
import {
  baseFormat,
  type ExportConfig,
  hasAdapter,
  parseRunConfig,
  RUN_FILE,
  type RunConfig,
  requireModel,
  savedSettings,
} from '../config/config.ts';
import { ADAPTER_FOLDER, MODEL_FOLDER } from '../load/adapter.ts';
import { licenceOf } from '../load/inspect.ts';
import { type OpenedModel, openModel } from '../load/open-model.ts';
import { codeBits, type QuantisedFormat } from '../nn/quantised.ts';
import type { ModelFacts } from './export-job.ts';
import type { CardFacts } from './model-card.ts';

export interface ExportSource {
  /** The model to open: a base model, or the result of full fine-tuning. */
  readonly model: string;
  /** The adapter's folder, or null. */
  readonly adapter: string | null;
  /** The run's folder and its settings, where there is one. */
  readonly run: { readonly folder: string; readonly config: RunConfig } | null;
}

type Wanted = Pick<ExportConfig, 'run' | 'model' | 'as' | 'adapterOnly'>;

/** Finds what `config` asks to export; throws an AppError that says what is missing. */
export async function findSource(config: Wanted): Promise<ExportSource> {
  const { run: folder, model } = config;
  if (folder === undefined) return plainModel(config, model!);
  const run = await readRun(folder);
  if (await holds(folder, ADAPTER_FOLDER, 'adapter_config.json')) {
    const base = model ?? run?.config.model;
    if (base !== undefined) return { model: base, adapter: path.join(folder, ADAPTER_FOLDER), run };
    throw needsModel(folder);
  }
  if (await holds(folder, MODEL_FOLDER, 'config.json')) {
    if (config.as === 'peft' || config.adapterOnly) throw noAdapter(folder);
    return { model: path.join(folder, MODEL_FOLDER), adapter: null, run };
  }
  if (await holds(folder, 'adapter_config.json')) {
    if (model === undefined) throw needsModel(folder);
    return { model, adapter: folder, run: null };
  }
  throw new AppError(
    'no-run',
    run ? say`The run in ${folder} has no result yet.` : say`${folder} is not a run with a result.`,
    run
      ? say`Let it train to its end first.`
      : say`Choose the folder of a run, or a model that was not trained here.`,
  );
}

function plainModel(config: Wanted, model: string): ExportSource {
  if (config.as === 'peft' || config.adapterOnly) throw noAdapter(model);
  return { model, adapter: null, run: null };
}

async function readRun(folder: string): Promise<ExportSource['run']> {
  const file = path.join(folder, RUN_FILE);
  const text = await fs.readFile(file, 'utf8').catch(nullIfMissing(file));
  if (text === null) return null;
  try {
    const saved: unknown = JSON.parse(text, toBundledPath);
    requireModel(saved, folder);
    return { folder, config: parseRunConfig(savedSettings(saved)) };
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'no-model') throw cause;
    throw new AppError(
      'bad-config',
      say`${path.join(folder, RUN_FILE)} can't be read: ${(cause as Error).message}`,
      say`Choose the adapter inside the folder, and its base model.`,
      { cause },
    );
  }
}

function holds(...parts: readonly string[]): Promise<boolean> {
  return fs.stat(path.join(...parts)).then(Boolean, () => false);
}

function needsModel(folder: string): AppError {
  return new AppError(
    'bad-usage',
    say`${folder} is an adapter, which needs the model it was trained on.`,
    say`Choose that model too.`,
  );
}

function noAdapter(what: string): AppError {
  return new AppError(
    'bad-usage',
    say`There is no adapter to save: ${what} is a full model.`,
    say`Save the full model instead.`,
  );
}

/** Names, licence and tags for an export of `source`. */
export async function modelFacts(
  opened: OpenedModel,
  source: ExportSource,
  name?: string,
): Promise<ModelFacts> {
  const { run, adapter } = source;
  const isBase = adapter !== null || run === null;
  const base = isBase ? opened : await openModel(run.config.model).catch(() => null);
  try {
    const baseModel = hubName(base) ?? plainName(isBase ? opened.path : run.config.model);
    const label = run ? path.basename(run.folder) : adapter ? path.basename(adapter) : '';
    const method = run?.config.method ?? (adapter ? 'lora' : null);
    return {
      name:
        givenName(name) ||
        [baseModel.split('/').at(-1)!, label].filter(Boolean).join('-').replace(NOT_IN_NAMES, '-'),
      baseModel,
      licence: await licenceOf(base ?? opened),
      tags: ['fettle', ...(method === null ? [] : ['fine-tuned', method]), opened.model.family],
    };
  } finally {
    if (base && base !== opened) await base.store.close();
  }
}

const NOT_IN_NAMES = /[^\w.-]+/g;

/** A name as a person gives it, in what Ollama takes: letters without accents, digits, dots and hyphens. */
export function givenName(name = ''): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').replace(NOT_IN_NAMES, '-');
  return plain.replace(/^[-.]+|[-.]+$/g, '');
}

/** `owner/name` where the model's files tell under what name the Hub has it. */
function hubName(opened: OpenedModel | null): string | null {
  if (!opened) return null;
  const given = opened.config._name_or_path;
  if (typeof given === 'string' && /^[\w-][\w.-]*\/[\w.-]+$/.test(given)) return given;
  const urls = ['general.repo_url', 'general.source.repo_url', 'general.source.huggingface.repository'];
  const url = urls.map((key) => opened.store.metadata.get(key)).find((value) => typeof value === 'string');
  return /^(?:https:\/\/huggingface\.co\/)?([\w-][\w.-]*\/[\w.-]+)$/.exec(String(url ?? ''))?.[1] ?? null;
}

/** The file's or folder's name without its ending and without the format of its weights. */
export function plainName(where: string): string {
  const name = path.basename(where).replace(/\.gguf$/i, '');
  return name.replace(/[.-](f32|f16|bf16|i?q\d(_\w+)*)$/i, '') || 'model';
}

type RunFacts = Pick<CardFacts, 'settings' | 'scores' | 'verdict'>;

/** Settings and scores of a run, from its files; what is not there is left out. */
export async function runFacts({ run, adapter }: ExportSource): Promise<RunFacts> {
  if (!run) return { settings: adapter ? [['method', 'lora']] : [], scores: [], verdict: null };
  const done = await readJson<DoneEvent>(run.folder, 'result.json');
  const assessed = await readJson<AssessResult>(run.folder, 'assessment.json');
  return {
    settings: settingsOf(run.config, done),
    scores: [...lossScores(done), ...(assessed ? assessedScores(assessed) : [])],
    verdict: assessed?.verdict?.sentence ?? null,
  };
}

async function readJson<T>(folder: string, name: string): Promise<T | null> {
  try {
    return JSON.parse(await fs.readFile(path.join(folder, name), 'utf8')) as T;
  } catch {
    return null; // not there, or unreadable: then nothing is said about it
  }
}

const baseWords = (base: QuantisedFormat | 16): string =>
  base === 16
    ? "16 bits a weight, as in the model's files"
    : `${codeBits(base)} bits a weight${base.startsWith('nf4') ? ' (NF4)' : ''}; a whole model that is made of it has the base's own weights`;

function settingsOf(config: RunConfig, done: DoneEvent | null): [string, string][] {
  const { lora, replay, stayClose, newTokens } = config;
  const base = baseFormat(config);
  const files = [config.data].flat().map((file) => path.basename(file));
  const shown: [string, string | null][] = [
    ['method', config.method],
    ['base while it was trained', base && baseWords(base)],
    ['rank, alpha', hasAdapter(config) ? `${lora.rank}, ${lora.alpha}` : null],
    ['kind of adapter', hasAdapter(config) && lora.dora ? 'DoRA (magnitudes are trained, too)' : null],
    ['targets', hasAdapter(config) ? [lora.targets].flat().join(', ') : null],
    ['steps', done && madeOf(config) === null ? `${done.steps} (weights of step ${done.bestStep})` : null],
    ['epochs', config.epochs === undefined ? null : String(config.epochs)],
    ['learning rate', `${config.learningRate}, ${config.schedule}`],
    ...ROWS.flatMap(({ name, card }): [string, string | null][] =>
      card ? [[card.name, ofRow(card.text, valueAt(config, name), config) || null]] : [],
    ),
    ['weight decay', String(config.weightDecay)],
    ['new tokens', newTokens.length > 0 ? newTokens.join('  ') : null],
    ['tokens a row, at most', String(config.maxLength)],
    ['trained on', config.trainOn],
    ['general rows mixed in', replay > 0 ? `${Number((100 * replay).toPrecision(3))}%` : null],
    ['pull back to where the weights began', stayClose > 0 ? String(stayClose) : null],
    ['seed', String(config.seed)],
    ['data', files.join(', ')],
  ];
  return shown.filter((entry): entry is [string, string] => entry[1] !== null);
}

function lossScores(done: DoneEvent | null): CardFacts['scores'] {
  if (!done || done.heldOutLoss === null) return [];
  const before = done.heldOutLossBefore;
  const figure = (loss: number | null) => (loss === null ? null : loss.toFixed(4));
  return [{ name: 'loss on held-out rows', before: figure(before), after: figure(done.heldOutLoss) }];
}

function assessedScores({ answers, closed, forgetting }: AssessResult): CardFacts['scores'] {
  const figure = (share: { value: number } | undefined) =>
    share === undefined ? null : percent(share.value, 1);
  const variant = (name: string) => answers?.variants.find((one) => one.variant === name);
  const [before, after] = [variant('before'), variant('after')];
  const compared = (name: string, one: Compared | undefined) => ({
    name,
    before: figure(one?.before),
    after: figure(one?.after),
  });
  const rows = [
    ...(closed ? [closed.known, ...closed.fields] : []).map((one) =>
      compared(`knows ${one.after.key ?? 'the answer'} of ${one.after.rows} held-out rows`, one),
    ),
    ...(closed && tellsForm(closed)
      ? [compared(`right form of ${closed.form.after.rows} written answers`, closed.form)]
      : []),
    {
      name:
        answers && isGradual(answers.score) ? 'answers exactly as wanted' : 'right answers on held-out rows',
      before: figure(before?.right),
      after: figure(after?.right),
    },
    { name: 'right fields', before: figure(before?.fieldsRight), after: figure(after?.fieldsRight) },
    { name: 'right labels', before: figure(before?.labelRight), after: figure(after?.labelRight) },
    { name: 'valid JSON', before: figure(before?.validJson), after: figure(after?.validJson) },
    { name: 'SARI', before: figure(before?.sari), after: figure(after?.sari) },
    { name: 'chrF', before: figure(before?.chrf), after: figure(after?.chrf) },
    {
      name: 'wanted values named',
      before: figure(before?.slotsPresent),
      after: figure(after?.slotsPresent),
    },
    {
      name: 'invented among named values',
      before: figure(before?.slotsInvented),
      after: figure(after?.slotsInvented),
    },
    {
      name: 'general quiz',
      before: figure(forgetting?.quiz?.total.before),
      after: figure(forgetting?.quiz?.total.after),
    },
  ];
  return rows.filter((row) => row.before !== null || row.after !== null);
}
