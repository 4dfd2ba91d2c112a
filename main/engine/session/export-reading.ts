/** Exports of models that read: an encoder, a sorter by its vectors, or a word counter. Each is loaded back by others and compared. */

import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../../../common/errors.ts';
import type { ExportProof, ExportResult } from '../../../common/protocol/protocol.ts';
import { COLUMNS_FILE, SORTERS, type SorterMethod } from '../../../common/settings/sorters.ts';
import { inEnglish, say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { requireFreeBytes } from '../../folders.ts';
import { resourcesFolder } from '../../paths.ts';
import type { ExportConfig } from '../config/config.ts';
import { likeliest } from '../eval/generator.ts';
import { readCounter } from '../eval/rivals/counter-file.ts';
import { readHead } from '../eval/rivals/head-file.ts';
import { unitsOf } from '../eval/rivals/rung.ts';
import { writeColumnsFile, writePrograms } from '../eval/rivals/sorter-file.ts';
import { headOf } from '../eval/vectors/reranker.ts';
import { type ExportType, intoTarget, planTarget, type Target } from '../export/export-job.ts';
import type { RequireSpace } from '../export/export-model.ts';
import { type CardFacts, readingCard, readingNotes, readingUse } from '../export/reading/card.ts';
import { READING_FORMS } from '../export/reading/forms.ts';
import {
  finerType,
  type ProofTexts,
  provedCounter,
  proveReading,
  readingProofInWords,
} from '../export/reading/prove.ts';
import { provePairs } from '../export/reading/prove-pairs.ts';
import {
  type FurtherColumn,
  linearSorter,
  type ReadingModel,
  type VectorSorter,
} from '../export/reading/reading.ts';
import { givenName, plainName } from '../export/source.ts';
import { encoderIn, folderOf, rerankerIn } from '../load/find-encoders.ts';
import { licenceOf } from '../load/inspect.ts';
import { type OpenedEncoder, openEncoder } from '../load/open-encoder.ts';
import { sourceOf } from '../load/parameter-pieces.ts';
import type { JobIo } from '../load/ready-model.ts';
import { prepareWeights, weightsFolder } from '../load/weights.ts';
import { openDecisions, savedColumns } from './decisions.ts';
import { openSorterRun, savedSorter, testTextsOf } from './sorter.ts';

export interface ExportIo extends JobIo {
  /** Checks that a folder has room; only tests need another one. */
  readonly requireSpace?: RequireSpace;
}

/** Exports what `config` names where it reads and does not write; null for a language model. */
export async function exportReading(config: ExportConfig, io: ExportIo): Promise<ExportResult | null> {
  const { run, model } = config;
  const sorter = run === undefined ? null : await savedSorter(run);
  if (sorter?.method === 'words') return await exportCounter(config, run!, io);
  if (sorter) {
    const [first, ...others] = await vectorSorters(run!, savedColumns(sorter));
    const kept = first.sorter;
    const columns = others.length === 0 ? null : { first: first.name, others: others.map(furtherColumn) };
    const { encoder } = kept.heads[0]!;
    const folder = await folderOf(encoder, String(sorter.encoder ?? ''));
    return await exportVectors(config, { folder, kept, columns, run: run!, prompt: encoder.prompt }, io);
  }
  const asked = run === undefined ? model : undefined;
  const encoder = asked === undefined ? null : await encoderIn(asked);
  const reranker = asked === undefined ? null : await rerankerIn(asked);
  const found = encoder ?? reranker;
  if (found) {
    const prompt = encoder ? encoder.prompt : '';
    const from = { folder: found.path, kept: null, run: null, prompt, isReranker: reranker !== null };
    return await exportVectors(config, from, io);
  }
  if (config.as === 'onnx' || config.as === 'json')
    throw wrongForm(say`ONNX and JSON are forms of sorters and encoders; this is a language model.`);
  return null;
}

interface NamedSorter {
  readonly name: string;
  readonly sorter: VectorSorter;
}

/** Of each column its sorter, or of all categories where a text can have several. */
async function vectorSorters(
  run: string,
  filled: ReturnType<typeof savedColumns>,
): Promise<[NamedSorter, ...NamedSorter[]]> {
  const found = unitsOf(filled?.columns ?? []).map(async (unit): Promise<NamedSorter> => {
    const heads = await Promise.all(unit.map(({ column }) => readHead(path.join(run, column.folder))));
    const [{ column }] = unit as [(typeof unit)[number]];
    const set = filled?.sets.find(({ name }) => name === column.of);
    if (!set) return { name: column.name, sorter: { heads, several: null } };
    const from = unit.map((one) => one.column.from ?? 1);
    return { name: set.name, sorter: { heads, several: { categories: set.categories, from } } };
  });
  const [first, ...others] = await Promise.all(found);
  return [first ?? { name: '', sorter: { heads: [await readHead(run)], several: null } }, ...others];
}

const furtherColumn = ({ name, sorter }: NamedSorter, i: number): FurtherColumn => ({
  ...{ name, sorter, output: `probabilities_${i + 1}` },
  head: linearSorter(sorter),
});

function wrongForm(what: string): AppError {
  return new AppError('bad-usage', what, say`Choose another form.`);
}

/** The test rows of `run`; neutral texts where there are none. */
async function proofTexts(run: string | null, io: ExportIo): Promise<ProofTexts> {
  if (run !== null) {
    try {
      return { promptSource: 'held-out rows', texts: await testTextsOf(run, io.stop) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      io.emit({
        event: 'warning',
        code: 'rows-not-read',
        message: say`The run's rows are gone, so the export is checked with neutral questions. ${error.message}`,
      });
    }
  }
  return { promptSource: 'neutral texts', texts: NEUTRAL };
}

const NEUTRAL = [
  'Where is my parcel?',
  'The bill is wrong: I paid twice, on Monday and on Tuesday.',
  'ok',
  'Ich möchte meine Bestellung zurückgeben, weil sie zu spät kam.',
  'My card was declined in a shop abroad, and now the app says that it is blocked.',
  'Who do I ask about opening hours? Thanks!',
  'naïve café, 12.50 €, 日本語',
  'A longer text that says little: it was a dark and stormy night, and nobody asked anything.',
];

interface Vectors {
  readonly folder: string;
  /** Null for an encoder alone. */
  readonly kept: VectorSorter | null;
  readonly columns?: ReadingModel['columns'];
  readonly run: string | null;
  /** The model's own where it is missing. */
  readonly prompt: string | undefined;
  readonly isReranker?: boolean;
}

async function exportVectors(config: ExportConfig, from: Vectors, io: ExportIo): Promise<ExportResult> {
  const { as, adapterOnly } = config;
  if (as === 'peft' || as === 'json' || adapterOnly)
    throw wrongForm(say`A model that reads is saved as ONNX, as GGUF or for sentence-transformers.`);
  const { types } = READING_FORMS[as];
  const asked = config.type as ExportType | undefined;
  if (asked !== undefined && types.length > 0 && !types.includes(asked))
    throw wrongForm(say`The type ${asked} is not among ${types.join(marks().comma)}.`);
  const opened = await openEncoder(from.folder);
  try {
    const type = types.length === 0 ? storedType(opened) : (asked ?? types[0]!);
    return await exportOpened({ config, as, type, from, opened }, io);
  } finally {
    await opened.store.close();
  }
}

/** Of its weights, which stay as they are; those of a GGUF file are written as float32. */
function storedType(opened: OpenedEncoder): ExportType {
  if (opened.kind === 'gguf') return 'f32';
  const [parameter] = opened.outline.parameters.keys();
  return opened.store.tensors.get(sourceOf(opened, parameter!).stored)!.dtype as ExportType;
}

interface Opened {
  readonly config: ExportConfig;
  readonly as: keyof typeof READING_FORMS;
  readonly type: ExportType;
  readonly from: Vectors;
  readonly opened: OpenedEncoder;
}

async function exportOpened({ config, as, type, from, opened }: Opened, io: ExportIo): Promise<ExportResult> {
  const started = performance.now();
  const { kept, columns = null, run } = from;
  const form = READING_FORMS[as];
  const prompt = from.prompt ?? opened.sentences.prompt;
  const head = kept && linearSorter(kept);
  const encoder = kept ? kept.heads[0]!.encoder.name : plainName(from.folder);
  const name = givenName(config.name) || givenName(run === null ? encoder : path.basename(run));
  const target = await planTarget(config.out, `${name}-${type}`, as === 'gguf');
  const room = form.bytes(opened.outline.parameterCount, type);
  await (io.requireSpace ?? requireFreeBytes)(path.dirname(path.resolve(config.out)), room, say`The export`);
  const pairs = from.isReranker ? await headOf(opened, null) : null;
  const model = {
    opened,
    weights: await prepareWeights(opened, weightsFolder()),
    prompt,
    head,
    columns,
    pairs,
  };
  const licence = await licenceOf(opened);
  const { gguf } = target.names;
  const facts = { name, baseModel: encoder, licence, tags: ['fettle', opened.encoder.modelType] };
  const answers = head?.answers ?? null;
  const card = {
    as,
    type,
    name,
    licence,
    prompt,
    encoder,
    gguf,
    answers,
    from: head?.from ?? null,
    ranks: pairs !== null,
    fills: columns !== null,
  };
  const texts = await proofTexts(run, io);
  const tell = (detail: string) => (fraction: number) =>
    io.emit({ event: 'phase', phase: 'export', fraction, detail });
  return await finish(config, { target, card, started }, async (folder) => {
    tell(say`writing it`)(0);
    const written = { model, folder, type, facts, gguf };
    await form.write(written);
    if (run !== null && as !== 'onnx')
      await writeSorterFiles({ folder, run, method: 'vectors', target, withPrograms: as === 'safetensors' });
    const proving = { threads: config.threads, stop: io.stop, onProgress: tell(say`proving it`) };
    if (pairs) return await provePairs(as, written, NEUTRAL, proving);
    return await proveReading(as, written, kept, texts, proving);
  });
}

interface SorterFiles {
  readonly folder: string;
  readonly run: string;
  readonly method: SorterMethod;
  readonly target: Target;
  readonly withPrograms: boolean;
}

/** The sorter's own files, with those of further columns; beside a GGUF file their names begin with its name. */
async function writeSorterFiles({ folder, run, method, target, withPrograms }: SorterFiles): Promise<void> {
  const { file } = SORTERS[method];
  const before = target.isFile ? `${path.basename(target.names.gguf, '.gguf')}.` : '';
  const filled = savedColumns(Object(await savedSorter(run))) ?? { columns: [], sets: [] };
  for (const own of ['', ...filled.columns.map((column) => column.folder)]) {
    const to = path.join(folder, `${before}${path.posix.join(own, file)}`);
    await fs.mkdir(path.dirname(to), { recursive: true });
    await fs.copyFile(path.join(run, own, file), to);
  }
  await writeColumnsFile(folder, method, filled, before);
  if (withPrograms) await writePrograms(folder, method);
}

async function exportCounter(config: ExportConfig, run: string, io: ExportIo): Promise<ExportResult> {
  const started = performance.now();
  if (config.as !== 'json')
    throw wrongForm(say`Word counts are saved as JSON, with short programs that use it.`);
  const { counter } = await readCounter(run);
  const target = await planTarget(config.out, 'counter', false);
  const name = givenName(config.name) || givenName(path.basename(run));
  const filled = savedColumns(Object(await savedSorter(run)));
  const [set] = filled?.sets ?? [];
  const card: Finishing['card'] = {
    as: 'json',
    type: 'json',
    name,
    encoder: null,
    licence: null,
    prompt: '',
    gguf: '',
    answers: set?.categories ?? counter.answers,
    from: null,
  };
  const { texts, promptSource } = await proofTexts(run, io);
  return await finish(config, { target, card, started }, async (folder) => {
    await writeSorterFiles({ folder, run, method: 'words', target, withPrograms: true });
    const known = await knownAnswers(run, texts);
    const sort = await openProgram(folder);
    return provedCounter(known, texts.map(sort), promptSource);
  });
}

/** What the word counter of `run` says of each text: its category, or of each column what it holds. */
async function knownAnswers(run: string, texts: readonly string[]): Promise<unknown[]> {
  const options = { encoder: '', threads: 1 };
  const decisions = await openDecisions(run, options);
  if (decisions) {
    await decisions.score(texts);
    const ofText = (text: number) =>
      decisions.answers.map(({ name, decide }) => {
        const { categories, category } = decide(text);
        return [name, categories ?? category];
      });
    return texts.map((_, text) => ofText(text));
  }
  const { kept } = (await openSorterRun(run))!;
  const scores = await (await kept.open(options)).score(texts);
  return scores.map((one) => kept.labels[likeliest(one)]!);
}

/** The JavaScript that is saved beside a word counter, with the files in `folder`. */
async function openProgram(folder: string): Promise<(text: string) => unknown> {
  const program = pathToFileURL(path.join(resourcesFolder(), 'word-counter', 'sort.mjs')).href;
  const { sorter, columnSorter } = (await import(/* @vite-ignore */ program)) as {
    sorter(kept: unknown): (text: string) => Said;
    columnSorter(
      columns: readonly { readonly file: string }[],
      sorters: readonly ((text: string) => Said)[],
    ): (text: string) => Readonly<Record<string, Said>>;
  };
  const read = async (name: string) => JSON.parse(await fs.readFile(path.join(folder, name), 'utf8'));
  const heard = ({ categories, category }: Said) => categories ?? category;
  if (!existsSync(path.join(folder, COLUMNS_FILE))) {
    const sort = sorter(await read(SORTERS.words.file));
    return (text) => heard(sort(text));
  }
  const columns: readonly { readonly file: string }[] = await read(COLUMNS_FILE);
  const sort = columnSorter(
    columns,
    await Promise.all(columns.map(async ({ file }) => sorter(await read(file)))),
  );
  return (text) => Object.entries(sort(text)).map(([name, said]) => [name, heard(said)]);
}

interface Said {
  readonly category?: string;
  readonly categories?: readonly string[];
}

interface Finishing {
  readonly target: Target;
  readonly card: Omit<CardFacts, 'proved'>;
  readonly started: number;
}

/** Has the files written and proved, and gives them their name. */
async function finish(
  { as, out }: ExportConfig,
  { target, card, started }: Finishing,
  make: (folder: string) => Promise<ExportProof>,
): Promise<ExportResult> {
  let proof: ExportProof | null = null;
  const entries = await intoTarget(target, async (folder) => {
    proof = await make(folder);
    const text = inEnglish(() => readingCard({ ...card, proved: readingProofInWords(proof!) }));
    await writeFileAtomic(path.join(folder, target.names.card), text);
  });
  const files = (await Promise.all(entries.map(filesBelow))).flat();
  const sizes = await Promise.all(files.map((file) => fs.stat(file)));
  const proved = readingProofInWords(proof!);
  const better = finerType(proof!, card.type);
  const facts = { ...card, proved };
  return {
    as,
    adapterOnly: false,
    type: card.type,
    out: path.resolve(out),
    files,
    name: card.name,
    bytes: sizes.reduce((sum, { size }) => sum + size, 0),
    proof: proof!,
    proved,
    ...(better !== null && {
      warning: say`${card.type} changes the answers of this model too much. Save it as ${better}.`,
    }),
    notes: readingNotes(facts),
    next: readingUse(facts, out),
    seconds: (performance.now() - started) / 1000,
  };
}

async function filesBelow(entry: string): Promise<string[]> {
  if (!(await fs.stat(entry)).isDirectory()) return [entry];
  const names = await fs.readdir(entry);
  return (await Promise.all(names.map((name) => filesBelow(path.join(entry, name))))).flat();
}
