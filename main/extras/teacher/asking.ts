/** Has a teacher answer all texts of a journal that it has not answered yet, and says how long that takes. */
import { AppError } from '../../../common/errors.ts';
import type { AskingNews } from '../../../common/extras/teacher/calls.ts';
import type { Lesson } from '../../../common/extras/teacher/kinds.ts';
import { say } from '../../../common/words/language.ts';
import type { Journal } from './journal.ts';
import { askTeacher, type TeacherAddress, Unanswered } from './teacher.ts';

export interface AskingIo {
  readonly signal?: AbortSignal | undefined;
  /** Texts that are answered, of so many; how long each took, and its tokens, on average of this time's. */
  tell(news: AskingNews): void;
}

export interface AskingOptions {
  /** Texts that are asked at once. */
  readonly atOnce: number;
  readonly patienceMs: number;
  readonly maxTokens: number;
}

/** Answers after which time and tokens are told. */
export const MEASURED = 5;
/** Texts that may fail one after the other. */
export const MOST_FAILED = 5;

/** Ends when every text was asked once; those without an answer are asked the next time. Throws an AppError where asking on is no use. */
export async function askAll(
  journal: Journal,
  teacher: TeacherAddress,
  lesson: Lesson,
  { atOnce, patienceMs, maxTokens }: AskingOptions,
  { signal, tell }: AskingIo,
): Promise<void> {
  const { head, said } = journal;
  const left = head.texts.flatMap((_, row) => (said.has(row) ? [] : [row]));
  if (left.length === 0) return;
  await journal.lesson(lesson.id, lesson.messages);
  const total = head.texts.length;
  let started = performance.now();
  const measured = { rows: 0, timed: 0, tokens: 0, failed: 0, inTurn: 0, problem: null as string | null };
  const news = () => {
    const isKnown = measured.timed > 0 && measured.rows >= Math.min(MEASURED, total);
    const each = (performance.now() - started) / 1000 / Math.max(1, measured.timed);
    const rest = total - said.size - measured.failed;
    tell({
      done: said.size,
      total,
      secondsLeft: isKnown ? each * rest : null,
      tokensLeft: isKnown ? (measured.tokens / measured.rows) * rest : null,
      ...{ failed: measured.failed, problem: measured.problem },
    });
  };
  const failing = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failing.signal]) : failing.signal;
  const options = {
    samples: head.samples,
    temperature: head.temperature,
    maxTokens,
    patienceMs,
    signal: stop,
  };
  const one = async (row: number) => {
    const messages = [...lesson.messages, { role: 'user' as const, content: head.texts[row]! }];
    const asked = performance.now();
    try {
      const { answers, tokens } = await askTeacher(teacher, messages, options);
      const seconds = (performance.now() - asked) / 1000;
      const about = { model: teacher.model, lesson: lesson.id, tokens, seconds: Number(seconds.toFixed(2)) };
      await journal.add({ row, said: [...answers], ...about });
      measured.rows++;
      measured.timed++;
      measured.tokens += tokens;
      measured.inTurn = 0;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      measured.failed++;
      measured.inTurn++;
      measured.problem = error.message;
      if (measured.inTurn >= MOST_FAILED) throw silent(error.message);
    }
    news();
  };
  news();
  // alone: the program may have to load the model, and keeps what every request begins with
  await one(left.shift()!);
  started = performance.now();
  measured.timed = 0;
  const worker = async () => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      stop.throwIfAborted();
      await one(row);
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, left.length) }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    failing.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}

export function silent(problem: string): AppError {
  return new AppError(
    'teacher-silent',
    say`The model failed on ${MOST_FAILED} texts in a row. The last time: ${problem}`,
    say`Look at the program that runs the model, then continue. Nothing is lost.`,
  );
}
