/** The blind comparison: a person chooses between answers before and after, not knowing which is which. */
import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { AssessResult, CompareResult } from '../../../../common/protocol/protocol.ts';
import { percent } from '../../../../common/words/format.ts';
import { Rng, streamSeed } from '../../data/rows/rng.ts';
import { writeFileAtomic } from '../../io/atomic.ts';
import { shuffled } from './prompts.ts';
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
  { answers, run }: AssessResult,
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
      `There is nothing to compare in ${run}: ${answers ? 'both models gave the same answers' : 'no held-out row has an answer'}.`,
      'A run on rows with questions and answers, some of them held out, gives pairs.',
    );
  const unseen = differing.filter(({ row }) => !shown.includes(row));
  if (unseen.length === 0)
    throw new AppError(
      'no-rows',
      `You have seen all ${differing.length} pairs with their labels.`,
      'Assess a run with more test rows for new pairs.',
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
    ...(equal > 0 ? [`${equal} equally good`] : []),
    ...(bad > 0 ? [`${bad} both bad`] : []),
  ];
  const ties = undecided.length === 0 ? '' : ` (${undecided.join(', ')})`;
  if (decided === 0) return `No answer was preferred to the other${ties}.`;
  const { low, high } = rate(after, decided);
  const chance = signTest(after, before);
  const range = `${percent(low)} and ${percent(high)}`;
  const luck = chance < 0.05 ? 'That is hardly luck' : 'That few choices may be luck';
  return `You preferred the trained model in ${after} of ${decided} ${decided === 1 ? 'pair' : 'pairs'}${ties}: between ${range} in the long run. ${luck} (sign test: p = ${chance.toPrecision(2)}).`;
}
