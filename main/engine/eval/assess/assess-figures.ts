/** The figures of an assessment: losses before and after, what was forgotten, what was memorised. */
import type {
  BrokenItem,
  Estimate,
  ForgettingFigures,
  LossFigures,
  MemorisationFigures,
  QuizScore,
  TaskKind,
} from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { RowLosses } from '../measure.ts';
import type { Question } from './base-cache.ts';
import { isRight, type Passage, type QuizItem } from './general-quiz.ts';
import { quizDecision } from './scores.ts';
import { mean, rate, rateDifference, ratio } from './statistics.ts';
import { longestSharedRun, normalised, wordsOf } from './task.ts';

/** The figures of two measurements of the same rows, packed alike. */
export function lossFigures(before: RowLosses, after: RowLosses, seed: number): LossFigures {
  const change = before.nll.map((nll, i) => after.nll[i]! - nll);
  const [lossBefore, lossAfter] = [lossOf(before, seed), lossOf(after, seed)];
  return {
    rows: before.rows.length,
    labelledTokens: before.labelled.reduce((sum, one) => sum + one, 0),
    before: lossBefore,
    after: lossAfter,
    perplexityBefore: exponential(lossBefore),
    perplexityAfter: exponential(lossAfter),
    change: ratio(change, before.labelled, seed),
  };
}

/** Mean loss over labelled tokens; the interval is over rows. */
export function lossOf({ nll, labelled }: RowLosses, seed: number): Estimate {
  return ratio(nll, labelled, seed);
}

function exponential({ value, low, high }: Estimate): Estimate {
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) };
}

/** New tokens of an answer to the general quiz: twice what a right answer to any bundled item needs. */
const LONGEST = 48;

/** Questions for the items, each alone; an answer may be three times as long as the longest accepted one. */
export function quizQuestions(tokenizer: Tokenizer, items: readonly QuizItem[]): Question[] {
  return items.map((item) => ({
    prompt: encodePrompt(tokenizer, [{ role: 'user', content: item.question }]),
    maxNewTokens: answerTokens(tokenizer, item),
    decision: quizDecision(item),
  }));
}

function answerTokens(tokenizer: Tokenizer, { match, answers }: QuizItem): number {
  if (match !== 'exact') return LONGEST;
  const longest = Math.max(...answers.map((answer) => tokenizer.encode(answer).length));
  return Math.min(LONGEST, 3 * longest + 8);
}

/** The quiz's figures from the answers before and after, in the order of the items. */
export function quizFigures(
  items: readonly QuizItem[],
  before: readonly string[],
  after: readonly string[],
): NonNullable<ForgettingFigures['quiz']> {
  const rights = items.map((item, i) => ({
    topic: item.topic,
    before: isRight(item, before[i]!),
    after: isRight(item, after[i]!),
  }));
  const topics = [...new Set(items.map(({ topic }) => topic))];
  const broke = items.flatMap((item, i): BrokenItem[] => {
    if (!rights[i]!.before || rights[i]!.after) return [];
    const accepted = item.match === 'regex' ? [] : item.answers;
    return [{ topic: item.topic, question: item.question, accepted, before: before[i]!, after: after[i]! }];
  });
  return {
    total: topicScore('all', rights),
    topics: topics.map((topic) =>
      topicScore(
        topic,
        rights.filter((one) => one.topic === topic),
      ),
    ),
    change: rateDifference(
      rights.map((one) => one.before),
      rights.map((one) => one.after),
    ),
    broke,
    mended: rights.filter((one) => !one.before && one.after).length,
  };
}

function topicScore(topic: string, rights: readonly { before: boolean; after: boolean }[]): QuizScore {
  const count = (when: 'before' | 'after') => rights.filter((one) => one[when]).length;
  return {
    topic,
    items: rights.length,
    before: rate(count('before'), rights.length),
    after: rate(count('after'), rights.length),
  };
}

export function passageTopics(
  passages: readonly Passage[],
  before: RowLosses,
  after: RowLosses,
): ForgettingFigures['passageTopics'] {
  const topics = [...new Set(passages.map(({ topic }) => topic))];
  return topics.map((topic) => {
    const rows = passages.flatMap((passage, i) => (passage.topic === topic ? [i] : []));
    return { topic, before: topicLoss(before, rows), after: topicLoss(after, rows) };
  });
}

function topicLoss({ nll, labelled }: RowLosses, rows: readonly number[]): number {
  const sum = (values: ArrayLike<number>) => rows.reduce((total, row) => total + values[row]!, 0);
  return sum(nll) / sum(labelled);
}

export function quizForVerdict(quiz: ForgettingFigures['quiz']) {
  if (!quiz) return null;
  const { total, change } = quiz;
  return { items: total.items, before: total.before.value, after: total.after.value, change };
}

/** What the verdict needs to know of the passages, for a model with `vocabulary` tokens. */
export function passagesForVerdict(passages: LossFigures | null, vocabulary: number) {
  if (!passages) return null;
  const { before, after, change } = passages;
  return { before: before.value, after: after.value, change, ignorant: Math.log(vocabulary) };
}

export interface Said {
  readonly said: readonly string[];
  readonly wanted: readonly string[];
}

/** Kinds of task in which repeating a training answer is the task itself. */
const REPEATING: ReadonlySet<TaskKind> = new Set(['label', 'json', 'calls']);

/** Whether verbatim overlap says anything about a task of `kind`. */
export function overlapMeansSomething(kind: TaskKind): boolean {
  return !REPEATING.has(kind) && kind !== 'text';
}

/** What answers to training prompts and to held-out prompts share with the wanted answers. */
export function overlapOf(
  training: Said,
  heldOut: Said,
  seed: number,
): NonNullable<MemorisationFigures['overlap']> {
  return {
    rows: training.said.length,
    exactTraining: exactShare(training),
    exactHeldOut: exactShare(heldOut),
    runTraining: runShare(training, seed),
    runHeldOut: runShare(heldOut, seed),
  };
}

/** By how much exact answers to training prompts must exceed those to held-out ones to count as recited. */
const RECITED = 0.1;
/** A loss on training rows below this share of the held-out loss counts as memorised. */
const BY_HEART = 0.5;

/**
 * Whether rows were memorised: clearly more exact answers, or longer runs, on training prompts than on held-out ones; for running text half
 * the loss. Null where it cannot be told.
 */
export function isMemorised(
  kind: TaskKind,
  losses: Pick<MemorisationFigures, 'trainingLoss' | 'heldOutLoss'>,
  overlap: MemorisationFigures['overlap'],
): boolean | null {
  if (kind === 'text') return losses.trainingLoss.high < BY_HEART * losses.heldOutLoss.low;
  if (!overlap) return null;
  const exceeds = (training: Estimate, heldOut: Estimate) =>
    training.low > heldOut.high && training.value - heldOut.value > RECITED;
  return (
    exceeds(overlap.exactTraining, overlap.exactHeldOut) || exceeds(overlap.runTraining, overlap.runHeldOut)
  );
}

export function memorisationNote(kind: TaskKind): string {
  if (kind === 'calls')
    return say`Right calls equal training calls where the same is asked. Compare the losses instead.`;
  if (REPEATING.has(kind))
    return say`With categories, right answers equal training answers. Compare the losses instead.`;
  if (kind === 'text')
    return say`Running text has no answers, so the losses on seen and unseen rows are compared.`;
  return say`Answers to training questions are compared with those to test questions.`;
}

function exactShare({ said, wanted }: Said): Estimate {
  const exact = said.filter((text, i) => normalised(text) === normalised(wanted[i]!));
  return rate(exact.length, said.length);
}

function runShare({ said, wanted }: Said, seed: number): Estimate {
  const shares = said.map((text, i) => {
    const words = wordsOf(wanted[i]!).length;
    return words === 0 ? 0 : longestSharedRun(text, wanted[i]!) / words;
  });
  return mean(shares, seed, [0, 1]);
}
