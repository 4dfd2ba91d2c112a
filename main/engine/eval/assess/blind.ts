/** The blind comparison: a person chooses between answers before and after, not knowing which is which. */

import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { AssessResult, CompareResult } from '../../../../common/protocol/protocol.ts';
import { percent, plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import { shuffled } from './prompt-candidates.ts';
import { rate, signTest } from './statistics.ts';

/** The file in a run's folder that keeps what was chosen. */
const BLIND_FILE = 'blind.json';

/** Two answers to one prompt, in random order. */
export interface BlindPair {
  /** The number of its row among the answered ones. */
  readonly row: number;
  readonly prompt: string;
  readonly first: string;
  readonly second: string;
  /** Which model gave the first one; not to be shown. */
  readonly firstIs: 'before' | 'after';
}

export type BlindChoice = 'first' | 'second' | 'equal' | 'bad';

/**
 * Up to `rows` pairs of answers, in an order drawn by `seed`, without equal ones and those of the `shown`
 * rows. Throws `AppError('no-rows')` where none is left.
 */
export function blindPairs(
  { answers }: AssessResult,
  rows: number,
  seed: number,
  shown: readonly number[] = [],
): BlindPair[] {
  const differing = (answers?.answered ?? [])
    .map((answered, row) => ({ ...answered, row }))
    .filter(({ answers: { before, after } }) => before !== undefined && before !== after);
  if (differing.length === 0)
    throw new AppError(
      'no-rows',
      answers
        ? say`Both models gave the same answers, so there is nothing to compare.`
        : say`No test row has an answer, so there is nothing to compare.`,
      say`Train on rows with questions and answers, and keep some as test rows.`,
    );
  const unseen = differing.filter(({ row }) => !shown.includes(row));
  if (unseen.length === 0)
    throw new AppError(
      'no-rows',
      say`You have seen all ${plural(differing.length, 'pair')} with their names.`,
      say`Compare a run with more test rows for new pairs.`,
    );
  const rng = Rng.fromSeed(streamSeed(seed, 'blind'));
  return shuffled(unseen, seed)
    .slice(0, rows)
    .map(({ row, prompt, answers: { before, after } }) => {
      const firstIs = rng.uniform() < 0.5 ? 'before' : 'after';
      const [first, second] = firstIs === 'before' ? [before!, after!] : [after!, before!];
      return { row, prompt, first, second, firstIs };
    });
}

/** The tally of the choices, which belong to the first pairs in their order; the rest was not judged. */
export function tallyChoices(
  run: string,
  seed: number,
  pairs: readonly BlindPair[],
  choices: readonly BlindChoice[],
): CompareResult {
  const judged = choices.map((choice, i) => {
    const { prompt, first, second, firstIs } = pairs[i]!;
    const [before, after] = firstIs === 'before' ? [first, second] : [second, first];
    return { prompt, before, after, choice: preferredModel(choice, firstIs) };
  });
  const count = (choice: Preference) => judged.filter((one) => one.choice === choice).length;
  const [before, after, equal, bad] = [count('before'), count('after'), count('equal'), count('bad')];
  const preferred = rate(after, after + before);
  return {
    run,
    seed,
    judged: judged.length,
    after,
    before,
    equal,
    bad,
    preferred,
    signTest: signTest(after, before),
    sentence: sentenceOn(after, before, equal, bad),
    pairs: judged,
  };
}

export async function writeComparison(result: CompareResult): Promise<string> {
  const file = path.join(result.run, BLIND_FILE);
  await writeFileAtomic(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

type Preference = CompareResult['pairs'][number]['choice'];

function preferredModel(choice: BlindChoice, firstIs: 'before' | 'after'): Preference {
  if (choice === 'equal' || choice === 'bad') return choice;
  const other = firstIs === 'before' ? 'after' : 'before';
  return choice === 'first' ? firstIs : other;
}

function sentenceOn(after: number, before: number, equal: number, bad: number): string {
  const decided = after + before;
  const undecided = [
    ...(equal > 0 ? [say`${equal} equally good`] : []),
    ...(bad > 0 ? [say`${bad} both bad`] : []),
  ];
  const ties = undecided.length === 0 ? '' : ` (${undecided.join(marks().comma)})`;
  if (decided === 0) return say`You preferred neither model${ties}.`;
  const { low, high } = rate(after, decided);
  const chance = signTest(after, before);
  const found = say`You preferred the trained model in ${after} of ${plural(decided, 'pair')}${ties}.`;
  const luck = chance < 0.05 ? say`That is hardly luck.` : say`That may be luck: too close to call.`;
  return `${found}${marks().gap}${luck}${marks().gap}${say`(95% range ${percent(low)} to ${percent(high)}, sign test p = ${chance.toPrecision(2)})`}`;
}
