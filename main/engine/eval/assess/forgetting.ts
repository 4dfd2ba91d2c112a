/** What a model could do before and cannot do now, by general questions and general texts. */

import type {
  BrokenItem,
  ForgettingFigures,
  LossFigures,
  QuizScore,
} from '../../../../common/protocol/protocol.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { BatchRequest } from '../batch-generator.ts';
import type { RowLosses } from '../measure.ts';
import { isRight, type Passage, type QuizItem } from './quiz.ts';
import { rate, rateDifference } from './statistics.ts';

/** New tokens of an answer to the general quiz: enough for every item of the bundled one. */
const LONGEST = 96;

/** Requests for the items, each asked alone; an answer may be three times as long as the longest accepted one. */
export function quizRequests(tokenizer: Tokenizer, items: readonly QuizItem[]): BatchRequest[] {
  return items.map((item) => ({
    prompt: encodePrompt(tokenizer, [{ role: 'user', content: item.question }]),
    maxNewTokens: answerTokens(tokenizer, item),
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
    total: scoreOf('all', rights),
    topics: topics.map((topic) =>
      scoreOf(
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

function scoreOf(topic: string, rights: readonly { before: boolean; after: boolean }[]): QuizScore {
  const count = (when: 'before' | 'after') => rights.filter((one) => one[when]).length;
  return {
    topic,
    items: rights.length,
    before: rate(count('before'), rights.length),
    after: rate(count('after'), rights.length),
  };
}

/** Mean losses on the passages by topic. */
export function passageTopics(
  passages: readonly Passage[],
  before: RowLosses,
  after: RowLosses,
): ForgettingFigures['passageTopics'] {
  const topics = [...new Set(passages.map(({ topic }) => topic))];
  return topics.map((topic) => {
    const rows = passages.flatMap((passage, i) => (passage.topic === topic ? [i] : []));
    return { topic, before: lossOf(before, rows), after: lossOf(after, rows) };
  });
}

function lossOf({ nll, labelled }: RowLosses, rows: readonly number[]): number {
  const sum = (values: ArrayLike<number>) => rows.reduce((total, row) => total + values[row]!, 0);
  return sum(nll) / sum(labelled);
}

/** What the verdict needs to know of the quiz. */
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
