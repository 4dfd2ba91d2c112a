/** Has a teacher write and answer all texts of a journal that it has not yet, one by one, and says how long that takes. */
import { AppError } from '../../../common/errors.ts';
import type { AskingNews, Forecast, Written } from '../../../common/extras/teacher/calls.ts';
import type { Lesson } from '../../../common/extras/teacher/kinds.ts';
import { say } from '../../../common/words/language.ts';
import type { Journal } from './journal.ts';
import { askTeacher, type TeacherAddress, Unanswered } from './teacher.ts';
import { vary } from './varying.ts';

export interface AskingIo {
  readonly signal?: AbortSignal | undefined;
  /** How far a step is; how long each took, and its tokens, on average of this time's. */
  tell(news: AskingNews): void;
}

export interface AskingOptions {
  /** Texts that are asked at once. */
  readonly atOnce: number;
  readonly patienceMs: number;
  readonly maxTokens: number;
  /** One example is varied, and a few texts are answered: what the others take is known then. */
  readonly isTrial?: boolean;
}

/** Answers after which time and tokens are told. */
export const MEASURED = 5;
/** Texts that may fail one after the other. */
const MOST_FAILED = 5;

/** Ends when everything was asked once; what got no answer is asked the next time. Throws an AppError where asking on is no use. */
export async function askAll(
  journal: Journal,
  teacher: TeacherAddress,
  lesson: Lesson,
  { atOnce, isTrial = false, ...options }: AskingOptions,
  io: AskingIo,
): Promise<void> {
  const { head, said, varied } = journal;
  const how = { ...options, temperature: head.temperature };
  const { unvaried } = journal;
  const { schema: _, ...free } = teacher;
  const varying = (example: number, signal: AbortSignal) => vary(journal, free, example, { ...how, signal });
  const examples = { left: isTrial ? unvaried.slice(0, 1) : unvaried, total: head.examples.length };
  // one after the other: each is to differ from all that are there
  await each({ step: 'vary', ...examples, done: () => varied.size, atOnce: 1, one: varying }, io);
  const unsaid = [...journal.texts.keys()].filter((row) => !said.has(row));
  const left = isTrial ? unsaid.slice(0, MEASURED) : unsaid;
  if (left.length > 0) await journal.lesson(lesson.id, lesson.messages);
  const one = async (row: number, signal: AbortSignal) => {
    const messages = [...lesson.messages, { role: 'user' as const, content: journal.texts[row]! }];
    const { answers, tokens, seconds } = await askTeacher(teacher, messages, {
      ...how,
      samples: head.samples,
      signal,
    });
    await journal.add({ row, said: [...answers], model: teacher.model, lesson: lesson.id, tokens, seconds });
    return { tokens };
  };
  await each({ step: 'answer', left, total: journal.texts.length, done: () => said.size, atOnce, one }, io);
}

interface Step {
  readonly step: AskingNews['step'];
  readonly left: readonly number[];
  readonly total: number;
  done(): number;
  readonly atOnce: number;
  /** Asks for one, and keeps what comes. Throws `Unanswered` where nothing does. */
  one(row: number, signal: AbortSignal): Promise<{ readonly tokens: number; readonly written?: Written }>;
}

async function each({ step, left: all, total, done, atOnce, one }: Step, { signal, tell }: AskingIo) {
  if (all.length === 0) return;
  const left = [...all];
  let started = performance.now();
  const measured = { rows: 0, timed: 0, tokens: 0, failed: 0, inTurn: 0, problem: null as string | null };
  const news = (written?: Written) => {
    const isKnown = measured.timed > 0 && measured.rows >= Math.min(MEASURED, total);
    const each = (performance.now() - started) / 1000 / Math.max(1, measured.timed);
    const rest = total - done() - measured.failed;
    tell({
      step,
      done: done(),
      total,
      secondsLeft: isKnown ? each * rest : null,
      tokensLeft: isKnown ? (measured.tokens / measured.rows) * rest : null,
      failed: measured.failed,
      problem: measured.problem,
      ...(written && { written }),
    });
  };
  const failing = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failing.signal]) : failing.signal;
  const ask = async (row: number) => {
    try {
      const { tokens, written } = await one(row, stop);
      measured.rows++;
      measured.timed++;
      measured.tokens += tokens;
      measured.inTurn = 0;
      news(written);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      measured.failed++;
      measured.inTurn++;
      measured.problem = error.message;
      news();
      if (measured.inTurn >= MOST_FAILED) throw silent(error.message);
    }
  };
  news();
  // alone: the program may have to load the model, and keeps what every request begins with
  await ask(left.shift()!);
  started = performance.now();
  measured.timed = 0;
  const worker = async () => {
    for (let row = left.shift(); row !== undefined; row = left.shift()) {
      stop.throwIfAborted();
      await ask(row);
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

/** What is left to ask for, and what it takes if it goes on as it went with this teacher. */
export function forecast({ head, said, varied, texts, unvaried }: Journal, atOnce: number): Forecast {
  const write = unvaried.length * (head.vary ?? 0);
  const answer = texts.length - said.size + write;
  const [written, answered] = [lastOnes([...varied.values()]), lastOnes([...said.values()])];
  const isKnown = answered.length > 0 && (written.length > 0 || write === 0);
  const sum = (of: 'seconds' | 'tokens', together: number) =>
    isKnown ? mean(written, of) * unvaried.length + (mean(answered, of) * answer) / together : null;
  return { write, answer, seconds: sum('seconds', atOnce), tokens: sum('tokens', 1) };
}

interface Cost {
  readonly model: string;
  readonly seconds: number;
  readonly tokens: number;
}

/** Those of the model that was asked last; not the first, which may have waited for the model to be loaded. */
function lastOnes(all: readonly Cost[]): readonly Cost[] {
  const ones = all.filter(({ model }) => model === all.at(-1)!.model);
  return ones.length > 1 ? ones.slice(1) : ones;
}

const mean = (all: readonly Cost[], of: 'seconds' | 'tokens') =>
  all.reduce((sum, one) => sum + one[of], 0) / Math.max(1, all.length);

function silent(problem: string): AppError {
  return new AppError(
    'teacher-silent',
    say`The model failed on ${MOST_FAILED} texts in a row. The last time: ${problem}`,
    say`Look at the program that runs the model, then continue. Nothing is lost.`,
  );
}
