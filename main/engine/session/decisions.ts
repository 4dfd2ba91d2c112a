/** A sorter of several columns, open: texts are read once, and each column's head says what it makes of them. */
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import type { Calibration, ColumnKind, ColumnType, SorterColumn } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { categoriesIn, joinedBy, SEPARATORS, type Several } from '../../rows/several.ts';
import { probabilities } from '../eval/classify/calibration.ts';
import { keyOf, placeIn } from '../eval/classify/closed-set.ts';
import { isSameSet } from '../eval/classify/sets.ts';
import { likeliest } from '../eval/generator.ts';
import { answerScores } from '../eval/rivals/answer-counter.ts';
import { headAnswerScores } from '../eval/rivals/answer-head.ts';
import { numberOf } from '../eval/rivals/columns.ts';
import { readCounter } from '../eval/rivals/counter-file.ts';
import { readHead } from '../eval/rivals/head-file.ts';
import { unitsOf } from '../eval/rivals/rung.ts';
import { chanceOfSet } from '../eval/rivals/set-figures.ts';
import { WORDS } from '../eval/rivals/word-counts.ts';
import { openTextVectors } from '../eval/vectors/vectors.ts';
import { folderOf } from '../load/find-encoders.ts';
import { savedSorter } from './sorter.ts';
import { filledIn } from './sorter-rows.ts';

/** What a column says of a text. */
export interface Decision {
  readonly category: string;
  /** The probability of that category. */
  readonly score: number;
  /** Of yes and no: the probability of yes. */
  readonly yes?: number;
  /** Of a grade: the expected one, on the person's own scale where that has numbers, else counted from 0. */
  readonly expected?: number;
  /** Where a text can have several: those that it is given, and how likely each of all is. */
  readonly categories?: readonly string[];
  readonly chances?: readonly number[];
}

/** What a text is given at once: what one column holds, or all categories of several. */
export interface DecidedAnswer {
  readonly name: string;
  readonly type: ColumnType | 'several';
  /** Where a text can have several: all of them. */
  readonly categories: readonly string[];
  /** From which probability on each of them is given. */
  readonly from: readonly number[];
  /** The score below which a person is asked. */
  readonly threshold: number;
  /** Of a text that `score` was asked last. */
  decide(text: number): Decision;
  /** Whether a decision is what a record has there already; null where it has nothing. */
  isRight(decision: Decision, record: unknown): boolean | null;
}

export interface DecidedColumn extends ColumnKind {
  /** In the order of a scale, where it is one. */
  readonly labels: readonly string[];
  readonly calibration: Calibration;
}

export interface OpenDecisions {
  readonly columns: readonly DecidedColumn[];
  readonly answers: readonly DecidedAnswer[];
  /** What sorts, as an endpoint names it. */
  readonly kind: string;
  /** Reads the texts once; gives the scores of the first column, and `answers` and `chancesOf` then tell of all. */
  score(texts: readonly string[], stop?: AbortSignal): Promise<readonly Float64Array[]>;
  /** Calibrated probabilities [labels] of a column for each text that `score` was asked last. */
  chancesOf(column: number, text: number): Float64Array;
  decide(column: number, text: number): Decision;
  lengthOf(text: string): number;
  close(): Promise<void>;
}

/** What scores texts for one column, log-probabilities [labels] each. */
interface Heads {
  readonly columns: readonly { readonly labels: readonly string[]; readonly calibration: Calibration }[];
  readonly kind: string;
  /** [columns][texts] */
  score(texts: readonly string[], stop?: AbortSignal): Promise<readonly (readonly Float64Array[])[]>;
  lengthOf(text: string): number;
  close(): Promise<void>;
}

/** Opens the sorter in `folder` with all its columns; null where it sorts into one kind of categories alone. */
export async function openDecisions(
  folder: string,
  { encoder, threads }: { readonly encoder: string; readonly threads: number },
): Promise<OpenDecisions | null> {
  const saved = await savedSorter(folder);
  const filled = saved && savedColumns(saved);
  if (!filled) return null;
  const { columns: kinds, sets } = filled;
  const folders = kinds.map((kind) => path.join(folder, kind.folder));
  const heads = await (saved.method === 'words' ? counters(folders) : vectorHeads(folders, encoder, threads));
  const columns = kinds.map((column, i): DecidedColumn => {
    const { folder: _, accuracy: __, askBelow: ___, found: ____, from: _____, ...kind } = column;
    const { labels, calibration } = heads.columns[i]!;
    const place = placeIn(labels);
    const isWhole = [...(kind.levels ?? []), ...(kind.yes === undefined ? [] : [kind.yes])].every(
      (one) => place(one) >= 0,
    );
    if (!isWhole || (kind.levels && kind.levels.length !== labels.length)) throw damaged(folder);
    return { ...kind, labels, calibration };
  });
  let found: readonly (readonly Float64Array[])[] = [];
  const chancesOf = (column: number, text: number) =>
    probabilities(found[column]![text]!, columns[column]!.calibration.temperature);
  const decide = (column: number, text: number) => decisionOf(columns[column]!, chancesOf(column, text));
  const answers = unitsOf(kinds).map((unit): DecidedAnswer => {
    const [{ column, place }] = unit as [(typeof unit)[number]];
    if (column.of === undefined) return plainAnswer(columns[place]!, (text) => decide(place, text));
    const set = sets.find(({ name }) => name === column.of);
    if (!set || set.categories.length !== unit.length) throw damaged(folder);
    const from = unit.map((one) => one.column.from ?? 1);
    const yes = unit.map((one) => placeIn(columns[one.place]!.labels)(one.column.yes ?? ''));
    return severalAnswer(set, from, (text) => unit.map((one, i) => chancesOf(one.place, text)[yes[i]!]!));
  });
  return {
    columns,
    answers,
    kind: heads.kind,
    async score(texts, stop) {
      found = await heads.score(texts, stop);
      return found[0]!;
    },
    chancesOf,
    decide,
    lengthOf: heads.lengthOf,
    close: heads.close,
  };
}

function plainAnswer(column: DecidedColumn, decide: DecidedAnswer['decide']): DecidedAnswer {
  const { name, type, labels, calibration } = column;
  const place = placeIn(labels);
  return {
    name,
    type,
    categories: [],
    from: [],
    threshold: calibration.sure?.score ?? 1,
    decide,
    isRight({ category }, record) {
      const truth = filledIn(record, name);
      return truth === '' ? null : labels[place(truth)] === category;
    },
  };
}

/** What run.json says of several categories. */
const SET = z.object({
  name: z.string(),
  columns: z.array(z.string()).min(1),
  separator: z.enum([...SEPARATORS, 'list']).nullable(),
  categories: z.array(z.string()),
  askBelow: z.number().nullable(),
});

/** Each category that is likely enough, joined as they stand in the person's own table. */
function severalAnswer(
  set: z.output<typeof SET>,
  from: readonly number[],
  chancesOf: (text: number) => readonly number[],
): DecidedAnswer {
  const { name, categories, askBelow } = set;
  return {
    name,
    type: 'several',
    categories,
    from,
    threshold: askBelow ?? 1,
    decide(text) {
      const chances = chancesOf(text);
      const given = categories.filter((_, i) => chances[i]! >= from[i]!);
      const category = given.join(joinedBy(set.separator));
      return { category, score: chanceOfSet(chances, from), categories: given, chances };
    },
    isRight({ categories: given = [] }, record) {
      const truth = categoriesIn(record, set satisfies Several);
      // a cell that is empty may wait to be filled
      return truth.length === 0 ? null : isSameSet(truth.map(keyOf), given.map(keyOf));
    },
  };
}

/** What run.json of a sorter says that it fills; null where that is one kind of categories alone. */
export function savedColumns(saved: Readonly<Record<string, unknown>>) {
  const columns = columnsIn(saved.columns);
  return columns && { columns, sets: z.array(SET).safeParse(saved.sets ?? []).data ?? [] };
}

/** The columns that run.json names, where they have the form that Fettle writes. */
function columnsIn(saved: unknown): readonly SorterColumn[] | null {
  if (!Array.isArray(saved) || saved.length === 0) return null;
  const isColumn = (one: unknown): one is SorterColumn => {
    const {
      name,
      type,
      folder,
      levels = [],
      of,
      from = 1,
    } = Object(one) as Partial<Record<keyof SorterColumn, unknown>>;
    return (
      typeof name === 'string' &&
      ['choice', 'noul', 'score'].includes(type as string) &&
      // below the sorter, wherever that is
      typeof folder === 'string' &&
      /^(columns\/\d{1,3})?$/.test(folder) &&
      Array.isArray(levels) &&
      levels.every((level) => typeof level === 'string') &&
      typeof from === 'number' &&
      ['string', 'undefined'].includes(typeof of)
    );
  };
  return saved.every(isColumn) ? saved : null;
}

/** The likeliest category of a column, and what its type says beside it. */
export function decisionOf(column: DecidedColumn, chances: Float64Array): Decision {
  const { labels, yes, levels } = column;
  const best = likeliest(chances);
  const place = placeIn(labels);
  return {
    category: labels[best]!,
    score: chances[best]!,
    ...(yes !== undefined && { yes: chances[place(yes)]! }),
    ...(levels && { expected: expectedOf(levels, chances, place) }),
  };
}

function expectedOf(
  levels: readonly string[],
  chances: Float64Array,
  place: (answer: string) => number,
): number {
  const numbers = levels.map(numberOf);
  const values = numbers.every(Number.isFinite) ? numbers : levels.map((_, level) => level);
  return levels.reduce((sum, level, i) => sum + values[i]! * chances[place(level)]!, 0);
}

async function counters(folders: readonly string[]): Promise<Heads> {
  const kept = await Promise.all(folders.map(readCounter));
  return {
    columns: kept.map(({ counter, calibration }) => ({ labels: counter.answers, calibration })),
    kind: 'word counter',
    score: async (texts) => kept.map(({ counter }) => answerScores(counter, texts)),
    lengthOf: (text) => text.match(WORDS)?.length ?? 0,
    close: async () => {},
  };
}

async function vectorHeads(folders: readonly string[], first: string, threads: number): Promise<Heads> {
  const kept = await Promise.all(folders.map(readHead));
  const [{ encoder }] = kept as [(typeof kept)[number]];
  const isSame = kept.every((one) => JSON.stringify(one.encoder.files) === JSON.stringify(encoder.files));
  if (!isSame) throw damaged(folders[0]!);
  const vectors = await openTextVectors(await folderOf(encoder, first), threads);
  const prompt = encoder.prompt === undefined ? {} : { prompt: encoder.prompt };
  return {
    columns: kept.map(({ head, calibration }) => ({ labels: head.answers, calibration })),
    kind: encoder.name,
    async score(texts, stop) {
      const read = await vectors.of(texts, { ...prompt, ...(stop && { stop }) });
      return kept.map(({ head }) => headAnswerScores(head, read));
    },
    lengthOf: (text) => vectors.idsOf(text, prompt).length,
    close: () => vectors.close(),
  };
}

function damaged(folder: string): AppError {
  return new AppError(
    'bad-model',
    say`The columns of the sorter in ${folder} don't belong together.`,
    say`Train the sorter again.`,
  );
}
