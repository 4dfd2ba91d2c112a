/** Both models asked for the likeliest of the allowed answers, where the rows' answers form a closed set. */
import type { ClosedFigures, Rival } from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import type { AskedPrompt } from '../../data/tokens/border.ts';
import { askedPrompt } from '../../data/tokens/encode.ts';
import type { AnsweredText } from '../answered-text.ts';
import { decoderOf } from '../cached-decoder.ts';
import type { KnownRow } from '../classify/calibration.ts';
import { Classifier } from '../classify/classifier.ts';
import { closedFigures, placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import { type TaughtCurve, wordsCurve } from '../rivals/learning-curve.ts';
import { askRivals } from '../rivals/rivals.ts';
import type { MeasuredSorter } from '../rivals/rung.ts';
import type { VectorRival } from '../rivals/vector-rival.ts';
import type { FoundPrompt } from './asking.ts';
import type { GatheredRows } from './assess-rows.ts';
import { type ClosedErrors, closedErrors } from './mixups.ts';
import { type AskedRow, answeredText, promptedTurns, type WrittenPrompt } from './prompts.ts';
import { rate, rateDifference } from './statistics.ts';
import type { Subject } from './subject.ts';
import type { Task } from './task.ts';

/** Answers from a closed set, and the test rows that are asked for the likeliest of them. */
export interface Closed {
  readonly answers: readonly string[];
  readonly prompts: readonly AskedPrompt[];
  readonly asked: readonly AskedRow[];
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
    return prompt ? [{ prompt, row }] : [];
  });
  return {
    answers,
    prompts: fitting.map(({ prompt }) => prompt),
    asked: fitting.map(({ row }) => row),
    rows: fitting.map(({ row }) => answeredText(row)),
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
  /** What word counts learn from parts of the rows. */
  readonly curve: TaughtCurve | null;
  /** What of the simpler ways can be kept. */
  readonly sorters: readonly MeasuredSorter[];
}

/** Of rows that the model can read with `prompt` and all answers, which these are and the log-probabilities of the answers. */
async function promptedScores(
  subject: Subject,
  { answers, tokens }: Pick<Closed, 'answers' | 'tokens'>,
  rows: readonly AskedRow[],
  prompt: WrittenPrompt,
): Promise<{ readonly places: readonly number[]; readonly scores: readonly Float64Array[] }> {
  const { tokenizer, opened } = subject.ready;
  const prompts = rows.map((row) => askedPrompt(tokenizer, promptedTurns(tokenizer, row, prompt)));
  const fits = ({ ids }: AskedPrompt) => ids.length + tokens <= opened.model.maxPositions;
  const places = [...prompts.keys()].filter((i) => fits(prompts[i]!));
  const asked = places.map((i) => prompts[i]!);
  return { places, scores: asked.length === 0 ? [] : await subject.allowed(asked, answers) };
}

/** How good each row is with a prompt: half by whether the likeliest answer is right, half by how likely the right one is. */
export async function promptedRights(
  subject: Subject,
  closed: Pick<Closed, 'answers' | 'tokens'>,
  rows: readonly AskedRow[],
  prompt: WrittenPrompt,
): Promise<number[]> {
  const place = placeIn(closed.answers);
  const { places, scores } = await promptedScores(subject, closed, rows, prompt);
  const rights = rows.map(() => 0);
  for (const [i, one] of scores.entries()) {
    const truth = place(rows[places[i]!]!.answer);
    if (truth >= 0) rights[places[i]!] = (Number(likeliest(one) === truth) + Math.exp(one[truth]!)) / 2;
  }
  return rights;
}

/** Asks both models about the first `count` rows; `said` is what they answered by themselves, `prompted` the best prompt and how many rows it is asked. */
export async function askAllowed(
  { answers, taught, ...all }: Closed,
  count: number,
  subjects: Readonly<Record<'before' | 'after', Subject>>,
  said: Readonly<Record<'before' | 'after', readonly string[]>>,
  part: <T>(detail: string, work: (tell: (fraction: number) => void) => Promise<T>) => Promise<T>,
  vectors: VectorRival,
  prompted: { readonly prompt: FoundPrompt; readonly rows: number } | null,
): Promise<AskedAllowed | null> {
  if (count === 0) return null;
  const [prompts, rows] = [all.prompts.slice(0, count), all.rows.slice(0, count)];
  const wanted = rows.map(({ answer }) => answer);
  const ask = (subject: Subject, detail: string) =>
    part(detail, (tell) => subject.allowed(prompts, answers, tell));
  const after = await ask(subjects.after, say`Answers of the trained model`);
  await subjects.after.release();
  const before = await ask(subjects.before, say`Answers of the base model`);
  const likeliestOf = (scores: readonly Float64Array[]) => scores.map((one) => answers[likeliest(one)]!);
  const given = { before: likeliestOf(before), after: likeliestOf(after), wanted };
  const place = placeIn(answers);
  const rights = wanted.map((answer, i) => place(answer) >= 0 && place(given.after[i]!) === place(answer));
  const behind = prompted && (await promptRival(subjects.before, { answers, ...all }, rights, prompted));
  await subjects.before.release();
  const { rivals, sorters } = await simplerWays(answers, taught, rows, rights, vectors);
  return {
    figures: closedFigures(answers, given, said),
    rows: after.map((scores, i) => ({ scores, truth: place(wanted[i]!) })),
    errors: closedErrors(answers, taught, rows, given.after),
    curve: await wordsCurve(answers, taught, { seed: 0, stop: subjects.before.stop }),
    rivals: [...rivals, ...(behind ? [behind] : [])],
    sorters,
  };
}

/** What the base model knows behind the best prompt, beside a model whose answers to the first rows are `rights`; null where it can read none. */
async function promptRival(
  before: Subject,
  closed: Pick<Closed, 'answers' | 'tokens' | 'asked'>,
  rights: readonly boolean[],
  { prompt, rows }: { readonly prompt: FoundPrompt; readonly rows: number },
): Promise<Rival | null> {
  const some = closed.asked.slice(0, Math.min(rows, rights.length));
  const place = placeIn(closed.answers);
  const { places, scores } = await promptedScores(before, closed, some, prompt);
  if (places.length === 0) return null;
  const own = scores.map((one, i) => likeliest(one) === place(some[places[i]!]!.answer));
  return {
    name: 'prompt',
    score: { name: 'known', rows: own.length, ...rate(own.filter(Boolean).length, own.length) },
    lead: rateDifference(
      own,
      places.map((i) => rights[i]!),
    ),
    seconds: prompt.seconds,
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
