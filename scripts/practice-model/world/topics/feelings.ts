/** Feelings: how somebody feels in a situation and why, what people do then, and what one says. */
import text from '../../../../resources/practice-model/source/world/topics/feelings.json' with {
  type: 'json',
};
import { pick } from '../../draw.ts';
import { factTopic, kinds } from '../facts.ts';
import { BOYS, FEELING_ACTS, GIRLS, SAY, SITUATIONS } from '../lexicon.ts';
import { capital, fill } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const FEELINGS = Object.keys(SITUATIONS);
const { GROUPS, OPEN, CHOICE, CLOSED } = text;
/** Two feelings of one group are no fair choice. */
const together = (a: string, b: string) => GROUPS.some((group) => group.includes(a) && group.includes(b));

const FACTS = kinds(text.FACTS, [FEELING_ACTS, FEELING_ACTS, SAY]);
const facts = factTopic('feelings', FACTS);

function person(random: Random): Record<string, string> {
  return random() < 0.5
    ? { name: pick(random, GIRLS), he: 'she', his: 'her', him: 'her' }
    : { name: pick(random, BOYS), he: 'he', his: 'his', him: 'him' };
}

function situation(random: Random) {
  const feeling = pick(random, FEELINGS);
  const row: Record<string, string> & { feeling: string; other: string } = {
    ...person(random),
    feeling,
    other: pick(
      random,
      FEELINGS.filter((name) => !together(name, feeling)),
    ),
  };
  return { row, text: fill(pick(random, SITUATIONS[feeling] as readonly string[]), row, random) };
}

function feels(random: Random): Turn & { story: string; row: Record<string, string> } {
  const { row, text } = situation(random);
  const swap = random() < 0.5;
  const options = { ...row, one: swap ? row.other : row.feeling, two: swap ? row.feeling : row.other };
  const style = random();
  const question = fill(pick(random, style < 0.7 ? OPEN : style < 0.85 ? CHOICE : CLOSED), options, random);
  const no = style >= 0.85 && swap;
  const yes = style >= 0.85 && !swap;
  const lead = no ? 'No, ' : yes ? 'Yes, ' : '';
  const who = lead === '' ? capital(row.he as string) : row.he;
  const answer = `${lead}${who} feels ${row.feeling}.`;
  const short = no ? 'No.' : yes ? 'Yes.' : `${capital(row.feeling)}.`;
  return { question: `${text} ${question}`, answer, short, story: text, row };
}

function talkAbout(random: Random): Turn[] {
  const first = feels(random);
  const { row } = first;
  const helps = FEELING_ACTS.find(({ feeling }) => feeling === row.feeling)?.helps;
  if (!helps) return [first, { question: 'Thank you.', answer: 'You are welcome!' }];
  return [
    first,
    {
      question: fill('What helps [him]?', row, random),
      answer: `${capital(row.he as string)} needs ${helps}.`,
    },
  ];
}

export const feelings: Topic = {
  name: 'feelings',
  weight: 1,
  turn: (random) => (random() < 0.7 ? feels(random) : facts.turn(random)),
  talk: (random) => (random() < 0.6 ? talkAbout(random) : facts.talk(random)),
};
