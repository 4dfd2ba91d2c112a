/** How good each test row's answer is, by the score of the run's kind of task. */
import type { ScoreName } from '../../../../common/protocol/protocol.ts';
import { closedOf } from '../../eval/assess/allowed.ts';
import { prepareQuestions, questionsFor, trimmedAnswer } from '../../eval/assess/asking.ts';
import type { GatheredRows } from '../../eval/assess/assess-rows.ts';
import { answeredText } from '../../eval/assess/prompts.ts';
import { scoreName, scoreOf } from '../../eval/assess/scores.ts';
import type { Subject } from '../../eval/assess/subject.ts';
import { taskOfRows } from '../../eval/assess/task.ts';
import { placeIn } from '../../eval/classify/closed-set.ts';
import { likeliest } from '../../eval/generator.ts';

export interface JudgedRows {
  readonly score: ScoreName;
  /** Of each row that could be asked, 0 to 1. */
  readonly scores: readonly number[];
}

/** Test rows at most: of answers that are chosen, and of those that are written. */
export const MOST_TESTS = { chosen: 500, written: 200 };

/** Answers of a closed set are chosen, all others written. */
export async function judgedRows(
  gathered: GatheredRows,
  subject: Subject,
  seed: number,
  tell: (fraction: number) => void,
): Promise<JudgedRows> {
  const { asked, learned } = gathered;
  const task = taskOfRows(learned.map(answeredText));
  const closed = closedOf(task, gathered, subject, MOST_TESTS.chosen);
  if (closed) {
    const { answers, prompts, rows } = closed;
    const place = placeIn(answers);
    const found = await subject.allowed(prompts, answers, tell);
    const isRight = (scores: Float64Array, i: number) => likeliest(scores) === place(rows[i]!.answer);
    return { score: 'known', scores: found.map((scores, i) => Number(isRight(scores, i))) };
  }
  const { tokenizer, opened } = subject.ready;
  const questions = prepareQuestions(task, asked.slice(0, MOST_TESTS.written), learned, {
    ...{ tokenizer, maxPositions: opened.model.maxPositions, seed },
  });
  const { rows } = questions;
  const { texts } = await subject.answers(questionsFor(questions, 'plain', 0, rows.length), tell);
  const scored = (text: string, i: number) =>
    scoreOf(task, trimmedAnswer(text, tokenizer, learned), answeredText(rows[i]!));
  return { score: scoreName(task), scores: texts.map(scored) };
}
