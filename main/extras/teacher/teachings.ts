/** What a teaching is made of: rows of the person's, the lesson that follows from them, and the journal that keeps what was said. */
import { existsSync } from 'node:fs';
import { AppError } from '../../../common/errors.ts';
import type { AnswerKind, ExampleRow, Lesson, Studied } from '../../../common/extras/teacher/kinds.ts';
import { plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { type Head, Journal, otherRows } from './journal.ts';

type Engine = Pick<EngineCalls, 'rows' | 'teacherLesson' | 'teacherStudy'>;

/** Texts and examples of one teaching, at most. */
const MOST_TEXTS = 20_000;
const MOST_EXAMPLES = 2000;
const AT_ONCE = 500;

/** Decisions after which the rows that help most are chosen again. */
export const STUDIED_AFTER = 20;

/** How files are read, where that is not found. */
export interface Maps {
  readonly map?: string | undefined;
}

type Turn = { readonly role: string; readonly content: string };

/** The question of each row, and its answer where it has one; running text is a question. */
async function readRows(
  data: readonly string[],
  { map }: Maps,
  most: number,
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<{ readonly text: string; readonly answer: string }[]> {
  const found: { text: string; answer: string }[] = [];
  const said = (turns: readonly Turn[], ...roles: readonly string[]) =>
    turns.findLast(({ role }) => roles.includes(role))?.content.trim() ?? '';
  for (let from = 0; found.length <= most; from += AT_ONCE) {
    const asked = { data: { data: [...data], ...(map !== undefined && { map }) }, from, count: AT_ONCE };
    const { rows } = await engine.rows(asked, { signal });
    for (const { turns } of rows) {
      const text = said(turns, 'user', 'prompt', 'text');
      if (text !== '') found.push({ text, answer: said(turns, 'assistant', 'completion') });
    }
    if (rows.length < AT_ONCE) break;
  }
  if (found.length > most)
    throw new AppError(
      'bad-data-rows',
      say`There are more than ${plural(most, 'row')}.`,
      say`Give a part of them.`,
    );
  return found;
}

export interface TeachingRows {
  readonly examples: readonly ExampleRow[];
  /** Each once, and none of the examples. */
  readonly texts: readonly string[];
  /** Texts that were there before, or are examples. */
  readonly repeated: number;
}

/** Reads the person's files. Throws an AppError where nothing is left to do. */
export async function rowsToTeach(
  { raw, examples }: { readonly raw: readonly string[]; readonly examples: readonly string[] },
  maps: { readonly raw?: string | undefined; readonly examples?: string | undefined },
  engine: Engine,
  { signal, isVaried }: { readonly signal?: AbortSignal; readonly isVaried: boolean },
): Promise<TeachingRows> {
  const answered = await readRows(examples, { map: maps.examples }, MOST_EXAMPLES, engine, signal);
  const own = answered.filter(({ answer }) => answer !== '');
  if (own.length === 0)
    throw new AppError(
      'no-rows-examples',
      say`No example has an answer.`,
      say`Give rows with a text and its answer, or say which columns they are.`,
    );
  const known = new Set(own.map(({ text }) => text));
  const read = raw.length === 0 ? [] : await readRows(raw, { map: maps.raw }, MOST_TEXTS, engine, signal);
  const all = read.map(({ text }) => text);
  const texts = [...new Set(all)].filter((text) => !known.has(text));
  if (texts.length === 0 && !isVaried)
    throw new AppError(
      'no-rows-raw',
      say`No text is left that has no answer yet.`,
      say`Give a file of other texts.`,
    );
  return { examples: own, texts, repeated: all.length - texts.length };
}

export interface TeachingWish {
  readonly name: string;
  readonly kind?: AnswerKind | undefined;
  readonly samples: number;
  readonly temperature: number;
  readonly rubric?: string | undefined;
  /** Texts like each example that the teacher writes. */
  readonly vary?: number | undefined;
  /** Of a million tokens. */
  readonly price?: number | undefined;
  readonly teacher?: Head['teacher'];
}

/** The journal in `file`, begun where there is none. Throws an AppError where it is about other rows. */
export async function openJournal(
  file: string,
  { examples, texts }: TeachingRows,
  { kind, rubric, name, samples, temperature, vary, price, teacher }: TeachingWish,
  engine: Engine,
): Promise<{ readonly journal: Journal; readonly lesson: Lesson }> {
  const asked = { examples, ...(kind && { kind }), ...(rubric !== undefined && { rubric }) };
  const lesson = await engine.teacherLesson(asked);
  const about = { kind: lesson.kind, answers: [...lesson.answers], examples: [...examples] };
  if (!existsSync(file)) {
    const asking = {
      ...(teacher && { teacher }),
      ...(vary && { vary }),
      ...(price !== undefined && { price }),
    };
    const wish = { name, samples, temperature, ...asking };
    const head = { ...wish, ...about, texts: [...texts], ...(rubric !== undefined && { rubric }) };
    return { journal: await Journal.create(file, head), lesson };
  }
  const journal = await Journal.open(file);
  const same = (of: Pick<Head, 'kind' | 'examples' | 'texts' | 'samples' | 'vary'>) =>
    JSON.stringify([of.kind, of.examples, of.texts, of.samples, of.vary]);
  if (same(journal.head) !== same({ ...about, texts: [...texts], samples, vary })) throw otherRows(file);
  return { journal, lesson };
}

/** The lesson of a journal that is there. */
export function lessonOf({ head }: Journal, engine: Engine): Promise<Lesson> {
  const { examples, kind, rubric } = head;
  return engine.teacherLesson({ examples, kind, ...(rubric !== undefined && { rubric }) });
}

export async function studied(
  { head, texts, said, decided }: Journal,
  encoder: string | null | undefined,
  engine: Engine,
  signal?: AbortSignal,
): Promise<Studied> {
  const { kind, answers, examples } = head;
  const rows = [...said.values()]
    .sort((a, b) => a.row - b.row)
    .map((one) => ({ row: one.row, text: texts[one.row]!, said: one.said }));
  const asked = decided.map(({ row, decided: answer }) => ({ row, answer }));
  return await engine.teacherStudy({ kind, answers, examples, rows, decided: asked, encoder }, { signal });
}
