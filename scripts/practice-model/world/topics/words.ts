/** Opposites, plurals, letters, rhymes, past forms, likenesses, and what things are and are for. */
import text from '../../../../resources/practice-model/source/world/topics/words.json' with { type: 'json' };
import { pick } from '../../draw.ts';
import { factTopic, kinds } from '../facts.ts';
import { GROUPS, MORE, NOUNS, OPPOSITES, PAST, RHYMES, SAME, SPELL, USES } from '../lexicon.ts';
import { fill, plural } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const PLURALS = NOUNS.map((word) => ({ word, many: plural(word) }));
const LETTERS = [...new Set([...NOUNS, ...SPELL])].map((word) => ({
  word,
  first: word.charAt(0),
  last: word.at(-1) as string,
}));

const FACTS = kinds(text.FACTS, [OPPOSITES, PLURALS, LETTERS, PAST, SAME, MORE, GROUPS, USES, USES]);

const facts = factTopic('words', FACTS, 1.4);
const ASK_RHYME = text.ASK_RHYME;

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
