/** Animals: sounds, young ones, homes, food, legs, flying, kinds and sizes. */
import { pick } from '../../draw.ts';
import { type FactKind, factTopic, having, unique } from '../facts.ts';
import { ANIMALS } from '../lexicon/animals.ts';
import { capital, choose, withArticle } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const KINDS = ['bird', 'fish', 'insect', 'mammal', 'reptile'];
const withFlying = having(ANIMALS, 'fly').map((row) => ({
  ...row,
  word: row.fly as string,
  reply:
    row.fly === 'yes'
      ? `Yes, ${withArticle(row.animal as string)} can fly`
      : `No, ${withArticle(row.animal as string)} cannot fly`,
}));
const withKind = having(ANIMALS, 'kind').flatMap((row) =>
  KINDS.map((other) => {
    const animal = withArticle(row.animal as string);
    const same = other === row.kind;
    const reply = same
      ? `Yes, ${animal} is ${withArticle(other)}`
      : `No, ${animal} is ${withArticle(row.kind as string)}`;
    return { ...row, other, reply, word: same ? 'yes' : 'no' };
  }),
);

const kindCheck = (word: string, weight: number): FactKind => ({
  rows: withKind.filter((row) => row.word === word),
  questions: [
    'Is [a animal] [a other]?',
    'Are [s animal] [s other]?',
    'Is it true that [a animal] is [a other]?',
    'Would you call [a animal] [a other]?',
    'Do you think that [a animal] is [a other]?',
  ],
  answer: '[reply].',
  short: '[word]',
  weight,
});

const FACTS: FactKind[] = [
  {
    rows: having(ANIMALS, 'sound'),
    questions: [
      'What does [a animal] say?',
      'What sound does [a animal] make?',
      'What noise does [a animal] make?',
      'How does [a animal] sound?',
      'Which sound comes from [a animal]?',
      'What do you hear from [a animal]?',
      'Tell me what [a animal] says.',
      'Do you know what [a animal] says?',
    ],
    answer: '[A animal] says [sound].',
    short: '[sound]',
    follow: '{And|What about} [a animal]?',
    weight: 2,
  },
  {
    rows: unique(ANIMALS, 'sound'),
    questions: [
      'Which animal says [sound]?',
      'What animal says [sound]?',
      'Who says [sound]?',
      'Which animal goes [sound]?',
      'I hear [sound]. Which animal is it?',
      'What animal makes the sound [sound]?',
      'Which animal makes the noise [sound]?',
    ],
    answer: '[A animal] says [sound].',
    short: '[a animal]',
    weight: 1.5,
  },
  {
    rows: having(ANIMALS, 'young'),
    questions: [
      'What is a young [animal] called?',
      'What is a baby [animal] called?',
      'What do you call a young [animal]?',
      'What do you call a baby [animal]?',
      'What is the name for a young [animal]?',
      'What is the word for a baby [animal]?',
    ],
    answer: 'A young [animal] is called [a young].',
    short: '[a young]',
    follow: 'And a young [animal]?',
    weight: 1.5,
  },
  {
    rows: unique(ANIMALS, 'young'),
    questions: [
      'What is [a young]?',
      'What does [a young] grow into?',
      'What does [a young] become?',
      'Which animal is [a young] when it is grown up?',
      'What will [a young] be one day?',
      'Tell me what [a young] will become.',
    ],
    answer: '[A young] is a young [animal].',
    short: '[a animal]',
    follow: 'And [a young]?',
    weight: 1.5,
  },
  {
    rows: having(ANIMALS, 'home'),
    questions: [
      'Where does [a animal] live?',
      'Where do [s animal] live?',
      'Where can you find [a animal]?',
      'Where is the home of [a animal]?',
      'Where do you find [s animal]?',
      'Tell me where [a animal] lives.',
      'Do you know where [s animal] live?',
      'In what place does [a animal] live?',
    ],
    answer: '[A animal] lives [home].',
    short: '[home]',
    follow: '{And|What about} [a animal]?',
  },
  {
    rows: having(ANIMALS, 'food'),
    questions: [
      'What does [a animal] eat?',
      'What do [s animal] eat?',
      'What do [s animal] like to eat?',
      'What food does [a animal] like?',
      'What is good food for [a animal]?',
      'What can you feed [a animal]?',
      'Tell me what [a animal] eats.',
      'What is the food of [a animal]?',
    ],
    answer: '[A animal] eats [food].',
    short: '[food]',
    follow: '{And|What about} [a animal]?',
  },
  {
    rows: having(ANIMALS, 'legs'),
    questions: [
      'How many legs does [a animal] have?',
      'How many legs do [s animal] have?',
      'How many legs has [a animal] got?',
      'What number of legs does [a animal] have?',
      'Tell me how many legs [a animal] has.',
      'Count the legs of [a animal].',
    ],
    answer: '[A animal] has [legs] legs.',
    short: '[legs]',
    follow: '{And|What about} [a animal]?',
  },
  {
    rows: withFlying,
    questions: [
      'Can [a animal] fly?',
      'Can [s animal] fly?',
      'Is [a animal] able to fly?',
      'Are [s animal] able to fly?',
      'Does [a animal] fly?',
      'Do [s animal] fly?',
      'Tell me, can [a animal] fly?',
      'Do you think [a animal] can fly?',
    ],
    answer: '[reply].',
    short: '[word]',
    follow: '{And|What about} [a animal]?',
  },
  {
    rows: having(ANIMALS, 'cover'),
    questions: [
      'What covers the body of [a animal]?',
      'What is [a animal] covered with?',
      'Does [a animal] have fur, feathers, hair, wool or scales?',
      'What does [a animal] have on its skin?',
      'What is on the body of [a animal]?',
    ],
    answer: '[A animal] has [cover].',
    short: '[cover]',
    follow: '{And|What about} [a animal]?',
  },
  {
    rows: having(ANIMALS, 'kind'),
    questions: [
      'What kind of animal is [a animal]?',
      'Is [a animal] a bird, a fish, an insect, a reptile or a mammal?',
      'To which group of animals does [a animal] belong?',
      'What sort of animal is [a animal]?',
      'Which kind of animal is [a animal]?',
      'What type of animal is [a animal]?',
    ],
    answer: '[A animal] is [a kind].',
    short: '[a kind]',
    follow: '{And|What about} [a animal]?',
    weight: 1.2,
  },
  kindCheck('yes', 0.6),
  kindCheck('no', 0.15),
];

const facts = factTopic('animals', FACTS);
const SIZED = having(ANIMALS, 'size');
const BIGGER = [
  'Which is bigger, [x] or [y]?',
  'Which animal is bigger, [x] or [y]?',
  'What is bigger, [x] or [y]?',
  'Is [x] or [y] the bigger animal?',
];
const SMALLER = [
  'Which is smaller, [x] or [y]?',
  'Which animal is smaller, [x] or [y]?',
  'What is smaller, [x] or [y]?',
  'Is [x] or [y] the smaller animal?',
];

function compare(random: Random): Turn {
  const one = pick(random, SIZED);
  const far = SIZED.filter((row) => Math.abs(Number(row.size) - Number(one.size)) > 1);
  const other = pick(random, far);
  const [a, b] = [withArticle(one.animal as string), withArticle(other.animal as string)];
  const [big, small] = Number(one.size) > Number(other.size) ? [a, b] : [b, a];
  const larger = random() < 0.5;
  const question = choose(pick(random, larger ? BIGGER : SMALLER), random)
    .replace('[x]', a)
    .replace('[y]', b);
  const answer = larger ? `${big} is bigger than ${small}.` : `${small} is smaller than ${big}.`;
  return { question, answer: capital(answer), short: `${capital(larger ? big : small)}.` };
}

export const animals: Topic = {
  ...facts,
  weight: 1.2,
  turn: (random) => (random() < 0.1 ? compare(random) : facts.turn(random)),
};
