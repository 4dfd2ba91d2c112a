/** Animals: sounds, young ones, homes, food, legs, flying, kinds and sizes. */
import text from '../../../../resources/practice-model/source/world/topics/animals.json' with {
  type: 'json',
};
import { pick } from '../../draw.ts';
import { type FactKind, factTopic, having, kinds, unique } from '../facts.ts';
import { ANIMALS } from '../lexicon.ts';
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
  ...text.KIND_CHECK,
  rows: withKind.filter((row) => row.word === word),
  weight,
});

const FACTS: FactKind[] = [
  ...kinds(text.FACTS, [
    having(ANIMALS, 'sound'),
    unique(ANIMALS, 'sound'),
    having(ANIMALS, 'young'),
    unique(ANIMALS, 'young'),
    having(ANIMALS, 'home'),
    having(ANIMALS, 'food'),
    having(ANIMALS, 'legs'),
    withFlying,
    having(ANIMALS, 'cover'),
    having(ANIMALS, 'kind'),
  ]),
  kindCheck('yes', 0.6),
  kindCheck('no', 0.15),
];

const facts = factTopic('animals', FACTS);
const SIZED = having(ANIMALS, 'size');
const { BIGGER, SMALLER } = text;

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
