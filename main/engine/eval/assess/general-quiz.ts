/** The general quiz and passages that show what a model forgot: Fettle's, or the model's own. */

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import { hasUnspaced } from '../../../../common/words/unspaced.ts';
import { resourcesFolder } from '../../../paths.ts';
import type { AbilityBlock } from './abilities.ts';
import { normalised, parseObject } from './task.ts';

export interface GeneralMaterial {
  readonly source: 'bundled' | 'model';
  readonly quiz: readonly QuizItem[];
  readonly passages: readonly Passage[];
  readonly abilities: readonly AbilityBlock[];
}

/**
 * The quiz and passages for the model at `modelPath`: its own where its folder has any. A model with a small world is asked about that
 * world only.
 */
export async function generalMaterial(modelPath: string): Promise<GeneralMaterial> {
  const isFolder = await stat(modelPath).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const own = isFolder ? await materialIn(modelPath) : null;
  if (own) return { source: 'model', ...own };
  const bundled = await materialIn(path.join(resourcesFolder(), 'general'));
  return { source: 'bundled', ...(bundled ?? { quiz: [], passages: [], abilities: [] }) };
}

async function materialIn(folder: string): Promise<Omit<GeneralMaterial, 'source'> | null> {
  const [quizFile, passageFile, abilityFile] = ['quiz', 'passages', 'abilities'].map((name) =>
    path.join(folder, `${name}.jsonl`),
  ) as [string, string, string];
  const [quiz, passages, abilities] = await Promise.all([quizFile, passageFile, abilityFile].map(textOf));
  if ([quiz, passages, abilities].every((text) => text == null)) return null;
  return {
    quiz: quiz == null ? [] : parseQuiz(quiz, quizFile),
    passages: passages == null ? [] : parsePassages(passages, passageFile),
    abilities: abilities == null ? [] : parseAbilities(abilities, abilityFile),
  };
}

function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

/** Up to `count` items, every topic in proportion, in the order of the file: the first of each topic. */
export function shortened<T extends { readonly topic: string }>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const seen = new Map<string, number>();
  const ranked = items.map((item, place) => {
    const rank = seen.get(item.topic) ?? 0;
    seen.set(item.topic, rank + 1);
    return { item, place, rank };
  });
  const kept = ranked.toSorted((a, b) => a.rank - b.rank || a.place - b.place).slice(0, count);
  return kept.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

const MATCHES = ['contains', 'exact', 'regex', 'json-keys'] as const;

export interface QuizItem {
  readonly id: string;
  readonly topic: string;
  readonly question: string;
  /** Accepted answers; for `regex` patterns, for `json-keys` the keys that must be there. */
  readonly answers: readonly string[];
  readonly match: (typeof MATCHES)[number];
}

export interface Passage {
  readonly id: string;
  readonly topic: string;
  readonly text: string;
}

const RIGHT: Readonly<Record<QuizItem['match'], (said: string, accepted: readonly string[]) => boolean>> = {
  exact: (said, accepted) => accepted.some((answer) => normalised(answer) === normalised(said)),
  contains: (said, accepted) => accepted.some((answer) => holdsWords(said, answer)),
  regex: (said, accepted) => accepted.some((pattern) => new RegExp(pattern, 'i').test(said.trim())),
  'json-keys': (said, accepted) => {
    const object = parseObject(said);
    return object !== null && accepted.every((key) => Object.hasOwn(object, key));
  },
};

export function isRight(item: QuizItem, said: string): boolean {
  return RIGHT[item.match](said, item.answers);
}

/** The items of a `quiz.jsonl`. Throws `AppError('bad-quiz-data')` with the line that is wrong. */
export function parseQuiz(text: string, file: string): QuizItem[] {
  return linesOf(text).map(([line, number]) => {
    const { id, topic, question, answers, match = 'exact' } = parsedLine(line, file, number);
    const known = MATCHES.find((one) => one === match);
    const lists = Array.isArray(answers) && answers.length > 0 && answers.every((one) => isText(one));
    if (!isText(topic) || !isText(question) || !lists || !known)
      throw badLine(file, number, 'topic, question, a list of answers, and match');
    if (known === 'regex') for (const pattern of answers as string[]) checkPattern(pattern, file, number);
    return { id: String(id ?? number), topic, question, answers: answers as string[], match: known };
  });
}

/** The passages of a `passages.jsonl`. Throws `AppError('bad-quiz-data')` with the line that is wrong. */
export function parsePassages(text: string, file: string): Passage[] {
  return linesOf(text).map(([line, number]) => {
    const { id, topic, text: passage } = parsedLine(line, file, number);
    if (!isText(topic) || !isText(passage)) throw badLine(file, number, 'topic and text');
    return { id: String(id ?? number), topic, text: passage };
  });
}

/** The blocks of an `abilities.jsonl`. Throws `AppError('bad-quiz-data')` with the line that is wrong. */
export function parseAbilities(text: string, file: string): AbilityBlock[] {
  return linesOf(text).map(([line, number]) => {
    const { ability, options, questions } = parsedLine(line, file, number);
    const isList = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
    const isBlock =
      isText(ability) && isList(options) && isList(questions) && questions.length === options.length;
    if (!isBlock || options.length < 2 || new Set(options).size < options.length)
      throw badLine(file, number, 'ability, two different options or more, and a question for each');
    return { ability, options, questions };
  });
}

/** Whether `answer` stands in `said` with no letter or digit beside it, where words have spaces: "art" is not in "cart". */
function holdsWords(said: string, answer: string): boolean {
  if (hasUnspaced(answer)) return said.includes(answer);
  const escaped = answer.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\d])${escaped}(?![\\p{L}\\d])`, 'iu').test(said);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function linesOf(text: string): [line: string, number: number][] {
  const lines = text.split(/\r?\n/).map((line, i): [string, number] => [line, i + 1]);
  return lines.filter(([line]) => line.trim() !== '');
}

function parsedLine(line: string, file: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // said below, with the line
  }
  throw badLine(file, number, 'a JSON object');
}

function checkPattern(pattern: string, file: string, number: number): void {
  try {
    new RegExp(pattern, 'i');
  } catch {
    throw badLine(file, number, `a regular expression, not ${pattern}`);
  }
}

function badLine(file: string, number: number, expected: string): AppError {
  return new AppError(
    'bad-quiz-data',
    `${file}:${number}: expected ${expected}.`,
    'Mend or remove that line.',
  );
}
