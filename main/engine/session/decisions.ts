/** A sorter of several columns, open: texts are read once, and each column's head says what it makes of them. */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { Calibration, ColumnKind, SorterColumn } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { probabilities } from '../eval/classify/calibration.ts';
import { placeIn } from '../eval/classify/closed-set.ts';
import { likeliest } from '../eval/generator.ts';
import { answerScores } from '../eval/rivals/answer-counter.ts';
import { headAnswerScores } from '../eval/rivals/answer-head.ts';
import { numberOf } from '../eval/rivals/columns.ts';
import { readCounter } from '../eval/rivals/counter-file.ts';
import { readHead } from '../eval/rivals/head-file.ts';
import { WORDS } from '../eval/rivals/word-counts.ts';
import { openTextVectors } from '../eval/vectors/vectors.ts';
import { folderOf } from '../load/find-encoders.ts';
import { savedSorter } from './sorter.ts';

/** What a column says of a text. */
export interface Decision {
  readonly category: string;
  /** The probability of that category. */
  readonly score: number;
  /** Of yes and no: the probability of yes. */
  readonly yes?: number;
  /** Of a grade: the expected one, on the person's own scale where that has numbers, else counted from 0. */
  readonly expected?: number;
}

export interface DecidedColumn extends ColumnKind {
  /** In the order of a scale, where it is one. */
  readonly labels: readonly string[];
  readonly calibration: Calibration;
}

export interface OpenDecisions {
  readonly columns: readonly DecidedColumn[];
  /** What sorts, as an endpoint names it. */
  readonly kind: string;
  /** Reads the texts once; gives the scores of the first column, and `decide` and `chancesOf` then tell of all. */
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
  const kinds = columnsIn(saved?.columns);
  if (!saved || kinds === null) return null;
  const folders = kinds.map((kind) => path.join(folder, kind.folder));
  const heads = await (saved.method === 'words' ? counters(folders) : vectorHeads(folders, encoder, threads));
  const columns = kinds.map(({ folder: _, accuracy: __, askBelow: ___, ...kind }, i): DecidedColumn => {
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
  return {
    columns,
    kind: heads.kind,
    async score(texts, stop) {
      found = await heads.score(texts, stop);
      return found[0]!;
    },
    chancesOf,
    decide: (column, text) => decisionOf(columns[column]!, chancesOf(column, text)),
    lengthOf: heads.lengthOf,
    close: heads.close,
  };
}

/** The columns that run.json names, where they have the form that Fettle writes. */
function columnsIn(saved: unknown): readonly SorterColumn[] | null {
  if (!Array.isArray(saved) || saved.length === 0) return null;
  const isColumn = (one: unknown): one is SorterColumn => {
    const { name, type, folder, levels = [] } = Object(one) as Partial<Record<keyof SorterColumn, unknown>>;
    return (
      typeof name === 'string' &&
      ['choice', 'noul', 'score'].includes(type as string) &&
      // below the sorter, wherever that is
      typeof folder === 'string' &&
      /^(columns\/\d{1,3})?$/.test(folder) &&
      Array.isArray(levels) &&
      levels.every((level) => typeof level === 'string')
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
