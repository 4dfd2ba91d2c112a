/** Reasons: why something is so, what happens when, and what to do then. */
import { type FactKind, factTopic } from '../facts.ts';
import { DO_WHEN, WHEN, WHY } from '../lexicon/causes.ts';
import type { Row } from '../text.ts';

const lower = (row: Row): Row => ({
  ...row,
  fact: (row.state as string).charAt(0).toLowerCase() + (row.state as string).slice(1),
});

const FACTS: FactKind[] = [
  {
    rows: WHY.map(lower),
    questions: [
      'Why [ask]?',
      'For what reason [ask]?',
      'Can you tell me why [fact]?',
      '[State]. Why?',
      '[State]. Why is that?',
      'Tell me why [fact].',
      'Do you know why [fact]?',
      'What is the reason that [fact]?',
      'Please explain why [fact].',
    ],
    answer: '[State] because [because].',
    follow: '{And why|Why} [ask]?',
  },
  {
    rows: WHEN,
    questions: [
      'What happens when [when]?',
      'What happens if [when]?',
      'What follows when [when]?',
      'Say what happens when [when].',
      'When [when], what happens then?',
      'What will happen when [when]?',
      'Tell me what happens when [when].',
      'Suppose [when]. What happens?',
    ],
    answer: 'When [when], [then].',
    follow: '{And what happens|What happens} when [when]?',
  },
  {
    rows: DO_WHEN,
    questions: [
      'What do you do when [when]?',
      'What should you do when [when]?',
      'What should you do if [when]?',
      'What is the right thing to do when [when]?',
      'When [when], what should you do?',
      'What can you do when [when]?',
      'Tell me what to do when [when].',
    ],
    answer: 'When [when], you [then].',
    follow: '{And|And what do you do} when [when]?',
  },
];

export const reasons = factTopic('reasons', FACTS);
/** Sentences that say the same as the facts, for running texts. */
export const CAUSE_SENTENCES = [
  ...WHY.map((row) => `${row.state} because ${row.because}.`),
  ...WHEN.map((row) => `When ${row.when}, ${row.then}.`),
  ...DO_WHEN.map((row) => `When ${row.when}, you ${row.then}.`),
];
