/**
 * The blind comparison: a person chooses between answers before and after without knowing which is which. Scores miss what
 * people like; people who know which answer is the new one do not see straight.
 */
import path from 'node:path';
import { AppError } from '../../../errors.ts';
import { Rng, streamSeed } from '../../data/rng.ts';
import { writeFileAtomic } from '../../io/atomic.ts';
import type { AssessResult, CompareResult } from '../../protocol.ts';
import { shuffled } from './examples.ts';
import { rate, signTest } from './statistics.ts';

/** The file in a run's folder that keeps what was chosen. */
export const BLIND_FILE = 'blind.json';

/** Two answers to one prompt, in random order. */
export interface BlindPair {
  readonly prompt: string;
  readonly first: string;
  readonly second: string;
  /** Which model gave the first one; not to be shown. */
  readonly firstIs: 'before' | 'after';
}

export type BlindChoice = 'first' | 'second' | 'equal';

/**
 * Up to `rows` pairs of the answers that an assessment holds, in an order drawn by `seed`; rows to which both gave the same
 * answer are left out. Throws `AppError('no-rows')` where no pair is left.
 */
export function blindPairs({ answers, run }: AssessResult, rows: number, seed: number): BlindPair[] {
  const differing = (answers?.answered ?? []).filter(
    (row) => row.answers.before !== undefined && row.answers.before !== row.answers.after,
  );
  if (differing.length === 0)
    throw new AppError(
      'no-rows',
      `There is nothing to compare in ${run}: ${answers ? 'both models gave the same answers' : 'no held-out row has an answer'}.`,
      'A run on rows with questions and answers, some of them held out, gives pairs.',
    );
  const rng = Rng.fromSeed(streamSeed(seed, 'blind'));
  return shuffled(differing, seed)
    .slice(0, rows)
    .map(({ prompt, answers: { before, after } }) => {
      const firstIs = rng.uniform() < 0.5 ? 'before' : 'after';
      const [first, second] = firstIs === 'before' ? [before!, after!] : [after!, before!];
      return { prompt, first, second, firstIs };
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
  const count = (choice: 'before' | 'after' | 'equal') =>
    judged.filter((one) => one.choice === choice).length;
  const [before, after, equal] = [count('before'), count('after'), count('equal')];
  const preferred = rate(after, after + before);
  return {
    ...{ run, seed, judged: judged.length, after, before, equal, preferred },
    signTest: signTest(after, before),
    sentence: sentenceOn(after, before, equal),
    pairs: judged,
  };
}

/** Writes the tally into the folder of its run; gives the file. */
export async function writeComparison(result: CompareResult): Promise<string> {
  const file = path.join(result.run, BLIND_FILE);
  await writeFileAtomic(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

function preferredModel(choice: BlindChoice, firstIs: 'before' | 'after'): 'before' | 'after' | 'equal' {
  if (choice === 'equal') return 'equal';
  const other = firstIs === 'before' ? 'after' : 'before';
  return choice === 'first' ? firstIs : other;
}

function sentenceOn(after: number, before: number, equal: number): string {
  const decided = after + before;
  const ties = equal === 0 ? '' : ` (${equal} more ${equal === 1 ? 'was' : 'were'} equal)`;
  if (decided === 0) return `No answer was preferred to the other${ties}.`;
  const { low, high } = rate(after, decided);
  const chance = signTest(after, before);
  const range = `${Math.round(100 * low)} and ${Math.round(100 * high)} %`;
  const luck = chance < 0.05 ? 'That is hardly luck' : 'That few choices may be luck';
  return `You preferred the trained model in ${after} of ${decided} ${decided === 1 ? 'pair' : 'pairs'}${ties}: between ${range} in the long run. ${luck} (sign test: p = ${chance.toPrecision(2)}).`;
}
