/**
 * A run as files that another computer trains from with PyTorch: rendered rows, the rows of each step, first values of the adapters and
 * settings. The same run gives the same bytes.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { BundleFacts, StartEvent } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic, writeStreamAtomic } from '../../atomic.ts';
import { exists, inTemporaryFolder } from '../../folders.ts';
import { cacheFolder, resourcesFolder } from '../../paths.ts';
import type { Counts } from '../../rows/compact.ts';
import { LineWriter } from '../../rows/doctor/repair-files.ts';
import { hasAdapter, plannedWarmup, RUN_FILE, type RunConfig } from '../config/config.ts';
import { samplesOf } from '../data/batches/pack.ts';
import { joinRows, type RowStore } from '../data/tokens/token-store.ts';
import { NEW_TOKENS, promptsOf } from '../eval/measure.ts';
import { TOKENIZER_FILES, writeModelFolder } from '../export/write-model.ts';
import { writeAdapter } from '../io/peft.ts';
import { cacheKeyOf } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import { sizeOfAll } from '../ir/shape.ts';
import { type OpenedModel, tokenizerOf, withOpened } from '../load/open-model.ts';
import { parameterPieces } from '../load/parameter-pieces.ts';
import type { JobIo } from '../load/ready-model.ts';
import { isWrapped } from '../models/family.ts';
import { trainablesOf } from '../models/model.ts';
import { peftName } from '../nn/parameters.ts';
import { adaptedModules, initialAdapter, methodOf } from '../step/method.ts';
import { ONE_SECTION, type RunData, readRunData, withinModel } from '../step/run-data.ts';
import { replayPlace } from '../train/before-training.ts';
import { identityOf } from '../train/cursor.ts';
import { runFacts } from '../train/report.ts';
import { type Course, courseOf } from '../train/run-parts.ts';
import { adapterSettings } from '../train/saves.ts';

const ADAPTER = 'adapter';
/** Models with fewer parameters than this are written in float32 where their file is no folder of safetensors. */
const SMALL = 1e9;
/** What train.py takes for a label that no loss counts. */
const NO_LABEL = -100;

export interface BundleOrder {
  readonly config: RunConfig;
  /** A new folder; whoever asks removes it where this fails. */
  readonly out: string;
  /** The model on the Hub, which the other computer downloads; null: its files are named in the answer. */
  readonly hub: { readonly name: string; readonly revision: string } | null;
}

/** Writes the bundle of a run. Throws an AppError where the rows or the model can't be used. */
export async function writeBundle({ config: given, out, hub }: BundleOrder, io: JobIo): Promise<BundleFacts> {
  io.emit({ event: 'phase', phase: 'load' });
  const work = async (opened: OpenedModel, scratch: string): Promise<BundleFacts> => {
    if (isWrapped(opened.config)) throw notAlone();
    const tokenizer = await tokenizerOf(opened);
    const config = withinModel(given, opened.model.maxPositions);
    const replayFile = config.replay > 0 ? await replayPlace(config, opened) : null;
    // its rows stand alone there
    const alone = { ...config, shareBeginnings: undefined };
    const data = await readRunData(alone, {
      ...io,
      opened,
      tokenizer,
      folder: scratch,
      replayFile,
      limits: ONE_SECTION,
    });
    try {
      const course = courseOf({ config, data });
      const start = await startOf(config, opened, data, course);
      await writeSteps(out, config, data, course);
      if (hasAdapter(config)) await writeFirstAdapter(path.join(out, ADAPTER), config, opened);
      const { asked: prompts } = promptsOf(config, tokenizer, opened.model.maxPositions);
      const run = runJson({ config, hub, course, start, prompts, stopIds: [...tokenizer.stopIds] });
      await writeFileAtomic(path.join(out, RUN_FILE), `${JSON.stringify(run, null, 2)}\n`);
      await copyScripts(out);
      return { start, model: hub ? null : await modelFiles(opened, io) };
    } finally {
      await data.close();
    }
  };
  return await withOpened(given.model, (opened) =>
    inTemporaryFolder('bundle', (scratch) => work(opened, scratch)),
  );
}

function notAlone(): AppError {
  return new AppError(
    'model-unsupported',
    say`Models that also see pictures can’t be trained elsewhere yet.`,
    say`Choose a model for text alone, or train here.`,
  );
}

/** The facts of the run, complete but for where it is computed. */
async function startOf(
  config: RunConfig,
  opened: OpenedModel,
  data: RunData,
  { totalSteps }: Course,
): Promise<StartEvent> {
  const identity = await identityOf(config, opened, data);
  const trained = sizeOfAll(trainablesOf(opened.model, methodOf(config, opened)));
  const facts = runFacts(config, { opened, data, identity }, { trained, steps: totalSteps });
  return { ...facts, executor: 'pytorch', device: '' };
}

/** Writes the rows, and which of them each step takes, by the number of their line. */
async function writeSteps(out: string, config: RunConfig, data: RunData, course: Course): Promise<void> {
  const source = data.replayStore ? joinRows(data.store, data.replayStore) : data.store;
  const { samples } = data.training.plan(0);
  const used = samples
    .toArray()
    .sort()
    .filter((row, i, all) => row !== all[i - 1]);
  const lineOf = new Uint32Array(source.count);
  for (const [line, row] of used.entries()) lineOf[row] = line;
  const measured = data.evalStore ?? data.store;
  const write = (name: string, all: AsyncIterable<object> | Iterable<object>) =>
    writeStreamAtomic(path.join(out, name), async (file) => {
      const lines = new LineWriter(file);
      for await (const one of all) await lines.line(one);
      await lines.finish();
    });
  await write('train.jsonl', rowLines(source, used));
  await write('eval.jsonl', rowLines(measured, data.heldOutRows));
  await write('steps.jsonl', stepLines(config, source, { data, course, lineOf }));
}

async function* rowLines(store: RowStore, rows: Iterable<number>): AsyncGenerator<object> {
  for (const row of rows) {
    const { ids, trained } = await store.row(row);
    const labels = Array.from(ids, (id, t) => (trained[t]! > 0 ? id : NO_LABEL));
    yield { input_ids: [...ids], labels };
  }
}

interface Order {
  readonly data: RunData;
  readonly course: Course;
  /** By the number of the row. */
  readonly lineOf: Uint32Array;
}

function* stepLines(
  { gradientAccumulation, splitMicroBatch }: RunConfig,
  { lengths, labelled }: RowStore,
  { data, course, lineOf }: Order,
): Generator<object> {
  const { totalSteps, stepsInEpoch } = course;
  for (let epoch = 0, step = 0; step < totalSteps; epoch++) {
    const plan = data.training.plan(epoch);
    const inEpoch = stepsInEpoch(epoch);
    for (let i = 0; i < inEpoch && step < totalSteps; i++, step++) {
      const first = i * gradientAccumulation;
      const count = Math.min(gradientAccumulation, plan.batches - first);
      const micro = Array.from({ length: count }, (_, at) => samplesOf(plan, first + at));
      const all = micro.flat();
      const sum = (of: Counts) => all.reduce((total, sample) => total + of[sample]!, 0);
      const rows = micro
        .flatMap((one) => inParts(one, splitMicroBatch))
        .map((one) => one.map((sample) => lineOf[sample]!));
      const facts = { epoch: epoch + (i + 1) / inEpoch, tokens: sum(lengths), labelled: sum(labelled) };
      yield { ...facts, rows };
    }
  }
}

/** `samples` in so many parts of about the same number, without empty ones. */
function inParts(samples: readonly number[], parts: number): number[][] {
  const size = Math.ceil(samples.length / parts);
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.slice(i * size, (i + 1) * size),
  );
}

/** The adapter as a run here begins with it; PEFT computes DoRA's magnitudes from the model. */
async function writeFirstAdapter(folder: string, config: RunConfig, opened: OpenedModel): Promise<void> {
  const { rank, targets } = config.lora;
  const modules = adaptedModules(config.lora, opened.outline);
  const trainables = new Map(
    trainablesOf(opened.model, methodOf(config, opened)).map((one) => [one.name, one]),
  );
  const first = (name: string) => initialAdapter(trainables.get(name)!, config.seed);
  const tensors = modules.map((module) => {
    const [a, b] = [first(peftName(module, 'A')), first(peftName(module, 'B'))];
    return [module, { a, b, r: rank }] as const;
  });
  const named = targets === 'all-linear' ? modules.map((module) => module.split('.').at(-1)!) : targets;
  const description = {
    ...adapterSettings(config, opened, modules),
    targetModules: [...new Set(named)].sort(),
    baseModel: null,
  };
  await fs.mkdir(folder, { recursive: true });
  await writeAdapter(folder, description, new Map(tensors));
}

interface RunFacts {
  readonly config: RunConfig;
  readonly hub: BundleOrder['hub'];
  readonly course: Course;
  readonly start: StartEvent;
  readonly prompts: readonly unknown[];
  readonly stopIds: readonly number[];
}

/** What train.py reads; no path of this computer is in it. */
function runJson({ config, hub, course, start, prompts, stopIds }: RunFacts) {
  const { method, bits, quant, doubleQuant } = config;
  const quantised =
    method === 'qlora' ? { bits: bits ?? 4, type: quant ?? 'nf4', double: doubleQuant } : null;
  return {
    format: 1,
    model: hub ?? { folder: 'model' },
    method,
    quantised,
    precision: config.precision,
    recompute: config.recompute !== 'none',
    optimizer: config.optimizer,
    learningRate: config.learningRate,
    schedule: config.schedule,
    warmupSteps: plannedWarmup(config, course.totalSteps),
    weightDecay: config.weightDecay,
    beta1: config.beta1,
    beta2: config.beta2,
    eps: config.eps,
    maxGradNorm: config.maxGradNorm,
    seed: config.seed,
    tokensAtOnce: config.tokensPerMicroBatch,
    evalEvery: course.evalEvery,
    earlyStopping: config.earlyStopping,
    keepBest: config.keepBest,
    saveEverySteps: config.saveEverySteps ?? null,
    saveEveryMinutes: config.saveEveryMinutes,
    keepCheckpoints: config.keepCheckpoints,
    logEvery: config.logEvery,
    steps: course.totalSteps,
    prompts,
    newTokens: NEW_TOKENS,
    stopIds,
    trainableParameters: start.trainableParameters,
  };
}

async function copyScripts(out: string): Promise<void> {
  const from = path.join(resourcesFolder(), 'cluster');
  for (const name of (await fs.readdir(from)).sort())
    await writeFileAtomic(path.join(out, name), await fs.readFile(path.join(from, name)));
}

/** The model's files for Transformers: those of its folder, or of a GGUF file written as such a folder, once. */
async function modelFiles(opened: OpenedModel, { emit }: JobIo): Promise<NonNullable<BundleFacts['model']>> {
  const key = (await cacheKeyOf(filesOf(opened.store))).slice(0, 32);
  const folder = opened.kind === 'folder' ? opened.path : await convertedFolder(opened, key, emit);
  const isWanted = (name: string) =>
    name === 'config.json' ||
    TOKENIZER_FILES.includes(name) ||
    (/\.safetensors(\.index\.json)?$/.test(name) && !name.startsWith('adapter_'));
  const names = (await fs.readdir(folder)).filter(isWanted).sort();
  const sizes = await Promise.all(names.map((name) => fs.stat(path.join(folder, name))));
  return { key, folder, files: names.map((name, i) => ({ name, bytes: sizes[i]!.size })) };
}

async function convertedFolder(opened: OpenedModel, key: string, emit: JobIo['emit']): Promise<string> {
  const folder = path.join(cacheFolder(), 'elsewhere', key);
  if (await exists(path.join(folder, 'config.json'))) return folder;
  emit({ event: 'phase', phase: 'load', detail: say`converting the weights, once` });
  await fs.mkdir(folder, { recursive: true });
  const type = opened.outline.parameterCount < SMALL ? 'f32' : 'f16';
  await writeModelFolder(folder, opened, (name) => parameterPieces(opened, name), { type });
  return folder;
}
