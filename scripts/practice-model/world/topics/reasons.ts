/** Reasons: why something is so, what happens when, and what to do then. */
import text from '../../../../resources/practice-model/source/world/topics/reasons.json' with {
  type: 'json',
};
import { factTopic, kinds } from '../facts.ts';
import { DO_WHEN, WHEN, WHY } from '../lexicon.ts';
import type { Row } from '../text.ts';

const lower = (row: Row): Row => ({
  ...row,
  fact: (row.state as string).charAt(0).toLowerCase() + (row.state as string).slice(1),
});

const FACTS = kinds(text.FACTS, [WHY.map(lower), WHEN, DO_WHEN]);

export const reasons = factTopic('reasons', FACTS);
/** Sentences that say the same as the facts, for running texts. */
export const CAUSE_SENTENCES = [
  ...WHY.map((row) => `${row.state} because ${row.because}.`),
  ...WHEN.map((row) => `When ${row.when}, ${row.then}.`),
  ...DO_WHEN.map((row) => `When ${row.when}, you ${row.then}.`),
];
