/** Both models asked for the likeliest of the allowed answers, where the rows' answers form a closed set. */
import type { ClosedFigures, Rival } from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import type { AskedPrompt } from '../../data/tokens/border.ts';
import { decoderOf } from '../cached-decoder.ts';
import type { KnownRow } from '../classify/calibration.ts';
import { Classifier } from '../classify/classifier.ts';
import { closedFigures, placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import type { AnsweredText } from '../rivals/answer-parts.ts';
import { askRivals, halfErrors } from '../rivals/rivals.ts';
import type { MeasuredSorter } from '../rivals/rung.ts';
import type { VectorRival } from '../rivals/vector-rival.ts';
import type { GatheredRows } from './assess-rows.ts';
import { type ClosedErrors, closedErrors } from './mixups.ts';
import { answeredText } from './prompts.ts';
import type { Subject } from './subject.ts';
import type { Task } from './task.ts';

/** Answers from a closed set, and the test rows that are asked for the likeliest of them. */
export interface Closed {
  readonly answers: readonly string[];
  readonly prompts: readonly AskedPrompt[];
  /** What is asked, and the answer that is right. */
  readonly rows: readonly AnsweredText[];
  /** The training rows that simpler ways learn from. */
  readonly taught: readonly AnsweredText[];
  /** Tokens that are read for a row beside its prompt. */
  readonly tokens: number;
}

/** Kinds of tasks whose answers can form a closed set. */
const CLOSED_KINDS: ReadonlySet<Task['kind']> = new Set(['label', 'json', 'short']);

/** The answers of the rows, where they form a closed set, and up to `most` test rows; null elsewhere. */
export function closedOf(
  { kind }: Task,
  gathered: GatheredRows,
  { ready }: Subject,
  most: number,
): Closed | null {
  const answers = CLOSED_KINDS.has(kind) ? gathered.answers.closed : null;
  if (!answers) return null;
  const classifier = new Classifier(decoderOf(ready), ready.tokenizer, answers);
  const fitting = gathered.asked.slice(0, most).flatMap((row) => {
    const prompt = classifier.promptOf(row.turns);
    return prompt ? [{ prompt, row: answeredText(row) }] : [];
  });
  return {
    answers,
    prompts: fitting.map(({ prompt }) => prompt),
    rows: fitting.map(({ row }) => row),
    taught: gathered.taught.map(answeredText),
    tokens: classifier.tokens,
  };
}

export interface AskedAllowed {
  readonly figures: ClosedFigures;
  readonly rivals: readonly Rival[];
  /** How the trained model scores the answers. */
  readonly rows: readonly KnownRow[];
  readonly errors: ClosedErrors;
  /** What word counts get wrong that learned from half of the rows. */
  readonly halfErrors: number | null;
  /** What of the simpler ways can be kept. */
  readonly sorters: readonly MeasuredSorter[];
}

/** Asks both models about the first `count` rows; `said` is what they answered by themselves. */
export async function askAllowed(
  { answers, taught, ...all }: Closed,
  count: number,
  subjects: Readonly<Record<'before' | 'after', Subject>>,
  said: Readonly<Record<'before' | 'after', readonly string[]>>,
  part: <T>(detail: string, work: (tell: (fraction: number) => void) => Promise<T>) => Promise<T>,
  vectors: VectorRival,
): Promise<AskedAllowed | null> {
  if (count === 0) return null;
  const [prompts, rows] = [all.prompts.slice(0, count), all.rows.slice(0, count)];
  const wanted = rows.map(({ answer }) => answer);
  const ask = (subject: Subject, detail: string) =>
    part(detail, (tell) => subject.allowed(prompts, answers, tell));
  const after = await ask(subjects.after, say`Answers of the trained model`);
  const before = await ask(subjects.before, say`Answers of the base model`);
  const likeliestOf = (scores: readonly Float64Array[]) => scores.map((one) => answers[likeliest(one)]!);
  const given = { before: likeliestOf(before), after: likeliestOf(after), wanted };
  const place = placeIn(answers);
  const rights = wanted.map((answer, i) => place(answer) >= 0 && place(given.after[i]!) === place(answer));
  const simpler = await simplerWays(answers, taught, rows, rights, vectors);
  return {
    figures: closedFigures(answers, given, said),
    rows: after.map((scores, i) => ({ scores, truth: place(wanted[i]!) })),
    errors: closedErrors(answers, taught, rows, given.after),
    halfErrors: halfErrors(answers, taught, rows),
    ...simpler,
  };
}

/** What simpler ways get, the best of them to keep. */
export async function simplerWays(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
  rights: readonly boolean[],
  vectors: VectorRival,
): Promise<{ readonly rivals: readonly Rival[]; readonly sorters: readonly MeasuredSorter[] }> {
  const found = askRivals(answers, taught, asked, rights);
  if (!found) return { rivals: [], sorters: [] };
  const { counted, rivals } = found;
  const read = await vectors(answers, taught, asked, rights);
  return {
    rivals: [...(read ? [read.rival] : []), ...rivals],
    sorters: [{ method: 'words', ...counted }, ...(read ? [read.measured] : [])],
  };
}
