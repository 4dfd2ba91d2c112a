/**
 * Judges one contender of `npm run bench:tasks` on the test rows of a task, in a process of its own: `node task-judge.ts JSON` prints the
 * score of each test row, in their order, and what the model forgot, as one JSON object. A model is asked as an assessment asks it.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  baseFormat,
  hasAdapter,
  parseRunConfig,
  RUN_FILE,
  type RunConfig,
} from '../../main/engine/config/config.ts';
import {
  type FoundPrompt,
  prepareQuestions,
  questionsFor,
  trimmedAnswer,
} from '../../main/engine/eval/assess/asking.ts';
import { quizFigures, quizQuestions } from '../../main/engine/eval/assess/assess-figures.ts';
import { gatherRows } from '../../main/engine/eval/assess/assess-rows.ts';
import { BaseCache } from '../../main/engine/eval/assess/base-cache.ts';
import { lookForPrompt } from '../../main/engine/eval/assess/best-prompt.ts';
import { Effort } from '../../main/engine/eval/assess/budget.ts';
import { generalMaterial, shortened } from '../../main/engine/eval/assess/general-quiz.ts';
import {
  type AskedRow,
  askedRow,
  promptedTurns,
  shownPrompt,
} from '../../main/engine/eval/assess/prompts.ts';
import { namedSlots, type Slots, slotsOf } from '../../main/engine/eval/assess/slots.ts';
import { Subject } from '../../main/engine/eval/assess/subject.ts';
import {
  callsRight,
  chrf,
  detectTask,
  fieldsRight,
  parseObject,
} from '../../main/engine/eval/assess/task.ts';
import { decoderOf } from '../../main/engine/eval/cached-decoder.ts';
import { Classifier } from '../../main/engine/eval/classify/classifier.ts';
import { likeliest } from '../../main/engine/eval/generator.ts';
import { templateAnswers } from '../../main/engine/eval/rivals/templates.ts';
import {
  countedScores,
  type LabelledText,
  nearestLabels,
  trainCounter,
} from '../../main/engine/eval/rivals/word-counts.ts';
import {
  ADAPTER_FOLDER,
  type LoadedAdapter,
  loadAdapter,
  MODEL_FOLDER,
  NO_ADAPTER,
} from '../../main/engine/load/adapter.ts';
import { type ReadyModel, sourceOfNumbers, withModel } from '../../main/engine/load/ready-model.ts';
import { leadBy, measuredBy } from '../../main/engine/tasks/registry.ts';
import { cacheFolder } from '../../main/paths.ts';
import { readLooseRows } from '../../main/rows/read-rows.ts';
import { strictRow } from '../../main/rows/schema.ts';
import { type Kind, type Row, rowsOf } from './task-data.ts';

type Rival = 'counter' | 'nearest' | 'template';

/** What stands for one contender on one task. */
export interface JudgeAsked {
  readonly kind: Kind;
  readonly train: string;
  readonly test: string;
  readonly model: string;
  /** The run whose adapter answers, with its settings; or the adapter of another program. */
  readonly run?: string;
  readonly adapter?: string;
  /** The base model with examples in its prompt answers. */
  readonly examples?: boolean;
  /** Seconds to search a better prompt than that of fixed examples in, as a comparison does; without it these are taken. */
  readonly promptSeconds?: number;
  /** What answers instead of a model: word counts, the nearest training row, or for texts the best template. */
  readonly rival?: Rival;
  /** Whether the general quiz is asked, too; it is without this. */
  readonly quiz?: boolean;
  readonly seed: number;
  readonly threads: number;
}

export interface Judged {
  /** Of each test row, 0 to 1. */
  readonly scores: readonly number[];
  /** Other figures of each test row. */
  readonly also: Readonly<Record<string, readonly number[]>>;
  readonly forgot: { readonly items: number; readonly before: number; readonly after: number } | null;
  /** How the prompt was found. */
  readonly prompt?: Pick<FoundPrompt, 'tried' | 'rows' | 'seconds'> & { readonly examples: number };
}

type Scores = Pick<Judged, 'scores' | 'also' | 'prompt'>;

/** Items of the general quiz: as many as a quick assessment asks at least. */
const QUIZ_ITEMS = 60;
const NEVER = new AbortController().signal;

/**
 * Scores of answers that were given to `rows`: of texts by how alike they are, of the rest by what is right. `slots` are those of the training
 * rows, where texts are made from attributes.
 */
export function scoresOf(
  kind: Kind,
  said: readonly string[],
  rows: readonly Row[],
  slots: Slots | null = null,
): Scores {
  const each = (score: (text: string, row: Row) => number) => said.map((text, i) => score(text, rows[i]!));
  const whole = (is: boolean) => Number(is);
  switch (kind) {
    case 'text': {
      const named = each((text, { prompt, answer }) => {
        const { wanted, present } = slots ? namedSlots(slots, prompt, text, answer) : NO_SLOTS;
        return wanted === 0 ? 1 : present / wanted;
      });
      return { scores: each((text, { answer }) => chrf(text, answer)), also: slots ? { slots: named } : {} };
    }
    case 'tools':
      return {
        scores: each((text, { answer }) => whole(callsRight(text, answer).whole)),
        also: { 'right tool': each((text, { answer }) => whole(callsRight(text, answer).tool)) },
      };
    case 'fields': {
      const fields = (text: string, answer: string) => [
        ...fieldsRight(parseObject(text), parseObject(answer)!).values(),
      ];
      return {
        scores: each((text, { answer }) => {
          const rights = fields(text, answer);
          return rights.filter(Boolean).length / rights.length;
        }),
        also: { 'all fields': each((text, { answer }) => whole(fields(text, answer).every(Boolean))) },
      };
    }
    default:
      return { scores: each((text, { answer }) => whole(text === answer)), also: {} };
  }
}

const NO_SLOTS = { wanted: 0, present: 0 };

/** The slots of rows whose answers are texts made from attributes. */
export function slotsOfRows(kind: Kind, taught: readonly Row[]): Slots | null {
  return kind === 'text' ? slotsOf(taught.map(({ prompt, answer }) => ({ text: prompt, answer }))) : null;
}

async function judged(asked: JudgeAsked): Promise<Judged> {
  if (asked.rival !== undefined) return { ...rivalScores(asked, asked.rival), forgot: null };
  const config = configOf(asked);
  if (asked.examples) {
    const scores = await withBase(config, (before) => modelScores(asked, config, before));
    return { ...scores, forgot: null };
  }
  return await askedModel(asked, config, async (before, after) => {
    const scores = await modelScores(asked, config, after);
    if (asked.quiz === false) return { ...scores, forgot: null };
    const items = shortened((await generalMaterial(config.model)).quiz, QUIZ_ITEMS);
    const questions = quizQuestions(before.ready.tokenizer, items);
    const [now, then] = [await after.answers(questions), await before.answers(questions)];
    const { total } = quizFigures(items, then.texts, now.texts);
    const forgot = { items: items.length, before: total.before.value, after: total.after.value };
    return { ...scores, forgot };
  });
}

/** The settings of the run; those of other adapters and of the base model are the usual ones, in float32. */
export function configOf({ run, model, train, test, threads, kind }: JudgeAsked): RunConfig {
  const saved = run && (JSON.parse(fs.readFileSync(path.join(run, RUN_FILE), 'utf8')) as object);
  return parseRunConfig({
    ...(saved || { out: os.tmpdir(), ...(kind === 'pairs' && { objective: 'dpo' }) }),
    ...{ model, threads, data: train, evalData: test },
  });
}

function measuresOf(config: RunConfig) {
  return { task: measuredBy(config), lead: leadBy(config), stop: NEVER };
}

/** Gives `work` the base model, whose answers are kept for the next time. */
async function withBase<T>(config: RunConfig, work: (before: Subject) => Promise<T>): Promise<T> {
  const asked = async (ready: ReadyModel) => {
    const cache = new BaseCache(path.join(cacheFolder(), 'assess'), await sourceOfNumbers(ready, config));
    const before = new Subject({ ready, adapter: NO_ADAPTER, ...measuresOf(config), cache });
    const result = await work(before);
    await before.release();
    return result;
  };
  return await withModel(config, () => {}, asked, baseFormat(config));
}

/** Gives `work` the base model and the trained one. */
export async function askedModel<T>(
  asked: JudgeAsked,
  config: RunConfig,
  work: (before: Subject, after: Subject) => Promise<T>,
): Promise<T> {
  return await withBase(config, (before) =>
    withTrained(asked, config, before.ready, async (trained, adapter) => {
      const after = new Subject({ ready: trained, adapter, ...measuresOf(config), cache: null });
      const result = await work(before, after);
      await after.release();
      return result;
    }),
  );
}

/** Gives `work` what was trained: an adapter on the base model, or after full fine-tuning a whole model. */
async function withTrained<T>(
  { run, adapter }: JudgeAsked,
  config: RunConfig,
  base: ReadyModel,
  work: (ready: ReadyModel, adapter: LoadedAdapter) => Promise<T>,
): Promise<T> {
  if (run === undefined || hasAdapter(config))
    return await work(base, await loadAdapter(adapter ?? path.join(run!, ADAPTER_FOLDER), base));
  const whole = { ...config, model: path.join(run, MODEL_FOLDER) };
  return await withModel(
    whole,
    () => {},
    (ready) => work({ ...ready, tokenizer: base.tokenizer }, NO_ADAPTER),
  );
}

export async function modelScores(asked: JudgeAsked, config: RunConfig, subject: Subject): Promise<Scores> {
  const { kind, train, test, seed } = asked;
  if (kind === 'pairs') return await pairScores(config, subject);
  const [learned, rows] = [await rowsIn(train), await rowsIn(test)];
  const { opened, tokenizer } = subject.ready;
  const task = detectTask(learned.map(({ answer }) => answer));
  const room = { tokenizer, maxPositions: opened.model.maxPositions, seed };
  const labels = kind === 'category' ? [...new Set(learned.map(({ answer }) => answer))].sort() : null;
  const classifier = labels && new Classifier(decoderOf(subject.ready), tokenizer, labels);
  const { choice, ...prepared } = prepareQuestions(task, rows, learned, room);
  const closed = labels && classifier ? { answers: labels, tokens: classifier.tokens } : null;
  const search = { learned, seconds: asked.promptSeconds ?? 0, perRow: 0, effort: new Effort(1, () => {}) };
  const questions = await lookForPrompt(prepared, choice, closed, subject, search);
  const { found } = questions;
  const prompt = asked.examples &&
    found && {
      prompt: {
        tried: found.tried,
        rows: found.rows,
        seconds: found.seconds,
        examples: found.examples.length,
      },
    };
  if (questions.rows.length < rows.length) throw new Error('a test row is too long for the model');
  const shown = (all: readonly AskedRow[]): Row[] =>
    all.map((row) => ({ prompt: shownPrompt(row), answer: row.answer }));
  const wanted = shown(rows);
  if (labels && classifier) {
    const prompts = rows.map((row) => {
      const turns = asked.examples && found ? promptedTurns(tokenizer, row, found) : row.turns;
      return classifier.promptOf(turns)!;
    });
    const scores = await subject.allowed(prompts, labels);
    const said = scores.map((one) => labels[likeliest(one)]!);
    return { ...scoresOf(kind, said, wanted), ...prompt };
  }
  const by = asked.examples ? 'prompt' : 'plain';
  if (questions.prompts[by].length === 0) throw new Error(`no ${by} prompts for ${kind}`);
  const { texts } = await subject.answers(questionsFor(questions, by, 0, rows.length));
  const said = texts.map((text) => trimmedAnswer(text, tokenizer, learned));
  return { ...scoresOf(kind, said, wanted, slotsOfRows(kind, shown(learned))), ...prompt };
}

/** Whether the better answer of each test pair is the likelier one. */
async function pairScores(config: RunConfig, subject: Subject): Promise<Scores> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-judge-'));
  const { opened, tokenizer } = subject.ready;
  const context = { opened, tokenizer, folder, stop: NEVER, emit: () => {} };
  const gathered = await gatherRows(config, context, 1, 0);
  try {
    const leads = await subject.leads(gathered.heldOut!);
    return { scores: leads!.map((lead) => Number(lead > 0)), also: {} };
  } finally {
    await gathered.close();
    fs.rmSync(folder, { recursive: true });
  }
}

async function rowsIn(file: string): Promise<AskedRow[]> {
  const rows: AskedRow[] = [];
  for await (const { row, where } of readLooseRows([file])) rows.push(askedRow(strictRow(row, where))!);
  return rows;
}

/** A way that knows words alone, trained on the same rows: one label a row, of JSON one a field; for texts the nearest row's answer. */
function rivalScores({ kind, train, test, seed }: JudgeAsked, rival: Rival): Scores {
  const [taught, asked] = [rowsOf(train), rowsOf(test)];
  const slots = slotsOfRows(kind, taught);
  const texts = asked.map(({ prompt }) => prompt);
  if (rival === 'template') {
    const known = taught.map(({ prompt, answer }) => ({ text: prompt, answer }));
    return scoresOf(kind, templateAnswers(slots!, known, texts), asked, slots);
  }
  const columns = labelColumns(kind, taught).map(({ name, labels }) => ({
    name,
    labels: labelled(
      taught.map(({ prompt }, i) => ({ text: prompt, label: labels[i]! })),
      texts,
      { rival, seed },
    ),
  }));
  return scoresOf(kind, joined(kind, columns), asked, slots);
}

function labelled(
  taught: readonly LabelledText[],
  texts: readonly string[],
  { rival, seed }: { readonly rival: Rival; readonly seed: number },
): string[] {
  if (rival === 'nearest') return nearestLabels(taught, texts);
  const [first, ...others] = new Set(taught.map(({ label }) => label));
  if (others.length === 0) return texts.map(() => first!);
  const counter = trainCounter(taught, { seed });
  return countedScores(counter, texts).map((scores) => counter.labels[likeliest(scores)]!);
}

interface Column {
  readonly name: string;
  /** Of each row; an empty one stands for a field that it lacks. */
  readonly labels: readonly string[];
}

/** What is to be learned of rows, apart: the fields of JSON, or whole answers. */
export function labelColumns(kind: Kind, rows: readonly Row[]): Column[] {
  if (kind !== 'fields') return [{ name: 'answer', labels: rows.map(({ answer }) => answer) }];
  const objects = rows.map(({ answer }) => parseObject(answer)!);
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  return names.map((name) => ({ name, labels: objects.map((object) => String(object[name] ?? '')) }));
}

/** Answers put together again. */
export function joined(kind: Kind, columns: readonly Column[]): string[] {
  const [first] = columns;
  if (kind !== 'fields') return [...first!.labels];
  return first!.labels.map((_, row) => {
    const fields = columns.map(({ name, labels }) => [name, labels[row]!] as const);
    return JSON.stringify(Object.fromEntries(fields.filter(([, label]) => label !== '')));
  });
}

if (import.meta.main) console.log(JSON.stringify(await judged(JSON.parse(process.argv[2]!) as JudgeAsked)));
