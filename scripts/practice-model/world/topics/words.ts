/** Opposites, plurals, letters, rhymes, past forms, likenesses, and what things are and are for. */
import { pick } from '../../draw.ts';
import { type FactKind, factTopic } from '../facts.ts';
import { GROUPS, USES } from '../lexicon/things.ts';
import { MORE, NOUNS, OPPOSITES, PAST, RHYMES, SAME, SPELL } from '../lexicon/words.ts';
import { fill, plural } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const PLURALS = NOUNS.map((word) => ({ word, many: plural(word) }));
const LETTERS = [...new Set([...NOUNS, ...SPELL])].map((word) => ({
  word,
  first: word.charAt(0),
  last: word.at(-1) as string,
}));

const FACTS: FactKind[] = [
  {
    rows: OPPOSITES,
    questions: [
      'What is the opposite of [word]?',
      'What is the opposite of "[word]"?',
      'Which word is the opposite of [word]?',
      'Tell me the opposite of [word].',
      'Give me the opposite of [word].',
      'What word means the opposite of [word]?',
      'Not [word], but what?',
      'Do you know the opposite of [word]?',
    ],
    answer: 'The opposite of [word] is [opposite].',
    short: '[opposite]',
    follow: '{And|And the opposite} of [word]?',
    weight: 1.3,
  },
  {
    rows: PLURALS,
    questions: [
      'What is the plural of [word]?',
      'What is the plural of "[word]"?',
      'One [word], two what?',
      'Tell me the plural of [word].',
      'How do you say [word] in the plural?',
      'Give me the plural of [word].',
      'Which word means more than one [word]?',
      'Write the plural of [word].',
    ],
    answer: 'The plural of [word] is [many].',
    short: '[many]',
    follow: '{And|And the plural} of [word]?',
    weight: 0.8,
  },
  {
    rows: LETTERS,
    questions: [
      'What is the first letter of [word]?',
      'Which letter does [word] start with?',
      'With which letter does [word] begin?',
      'What is the first letter of the word "[word]"?',
      'Tell me the first letter of [word].',
      'What letter comes first in [word]?',
    ],
    answer: 'The first letter of [word] is [up first].',
    short: '[up first]',
    follow: 'And of [word]?',
    weight: 0.5,
  },
  {
    rows: PAST,
    questions: [
      'What is the past of [verb]?',
      'What is the past tense of [verb]?',
      'How do you say [verb] in the past?',
      'Tell me the past of [verb].',
      'Which form of [verb] do we use for yesterday?',
      'Give me the past of [verb].',
      'What is [verb] in the past?',
    ],
    answer: 'The past of [verb] is [past].',
    short: '[past]',
    follow: 'And of [verb]?',
  },
  {
    rows: SAME,
    questions: [
      'Which word means the same as [word]?',
      'What is another word for [word]?',
      'Give me another word for [word].',
      'What word is like [word]?',
      'Tell me a word that means [word].',
      'How else can you say [word]?',
    ],
    answer: 'Another word for [word] is [same].',
    short: '[same]',
    follow: 'And for [word]?',
    weight: 1.5,
  },
  {
    rows: MORE,
    questions: [
      'What comes after [word] and [more]?',
      '[Word], [more], and then?',
      'Which word comes next: [word], [more]?',
      'What follows [word] and [more]?',
      'Tell me what comes after [word] and [more].',
    ],
    answer: '[Word], [more], [most].',
    short: '[most]',
    weight: 1.2,
  },
  {
    rows: GROUPS,
    questions: [
      'What is [a thing]?',
      'What kind of thing is [a thing]?',
      'What sort of thing is [a thing]?',
      'Which group does [a thing] belong to?',
      'Tell me what [a thing] is.',
      'Do you know what [a thing] is?',
    ],
    answer: '[A thing] is [a group].',
    short: '[a group]',
    follow: 'And [a thing]?',
    weight: 1.3,
  },
  {
    rows: USES,
    questions: [
      'What do you do with [a thing]?',
      'What is [a thing] for?',
      'What do you need [a thing] for?',
      'What can you do with [a thing]?',
      'Why do people have [a thing]?',
      'What does one use [a thing] for?',
      'Tell me what [a thing] is for.',
    ],
    answer: 'You use [a thing] to [use].',
    follow: '{And|What about} [a thing]?',
    weight: 1.3,
  },
  {
    rows: USES,
    questions: [
      'What do you use to [use]?',
      'What do you need to [use]?',
      'With which thing do you [use]?',
      'You want to [use]. What do you need?',
      'Which thing helps you to [use]?',
      'What can you use to [use]?',
    ],
    answer: 'You use [a thing] to [use].',
    short: '[a thing]',
    weight: 1.3,
  },
];

const facts = factTopic('words', FACTS, 1.4);
const ASK_RHYME = [
  'Does [x] rhyme with [y]?',
  'Do [x] and [y] rhyme?',
  'Do the words [x] and [y] rhyme?',
  'Is [x] a rhyme for [y]?',
  'Can I rhyme [x] with [y]?',
];

function rhyme(random: Random): Turn {
  const family = pick(random, RHYMES);
  const x = pick(random, family);
  const rhymes = random() < 0.5;
  const y = pick(
    random,
    rhymes
      ? family.filter((word) => word !== x)
      : pick(
          random,
          RHYMES.filter((other) => other !== family),
        ),
  );
  const question = fill(pick(random, ASK_RHYME), { x, y }, random);
  const answer = rhymes ? `Yes, ${x} rhymes with ${y}.` : `No, ${x} does not rhyme with ${y}.`;
  return { question, answer, short: rhymes ? 'Yes.' : 'No.' };
}

export const wordsTopic: Topic = {
  ...facts,
  turn: (random) => (random() < 0.06 ? rhyme(random) : facts.turn(random)),
};
