/** Feelings: how somebody feels in a situation and why, what people do then, and what one says. */
import { pick } from '../../draw.ts';
import { type FactKind, factTopic } from '../facts.ts';
import { FEELING_ACTS, SAY, SITUATIONS } from '../lexicon/feelings.ts';
import { BOYS, GIRLS } from '../lexicon/people.ts';
import { capital, fill, table } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

const FEELINGS = Object.keys(SITUATIONS);
/** Feelings that go together: two of one group are no fair choice. */
const GROUPS = [
  ['sad', 'angry', 'scared', 'lonely', 'nervous', 'sorry', 'bored', 'tired'],
  ['happy', 'proud', 'thankful', 'surprised'],
  ['tired', 'hungry', 'thirsty'],
];
const together = (a: string, b: string) => GROUPS.some((group) => group.includes(a) && group.includes(b));

const acts = Object.entries(FEELING_ACTS).map(([feeling, [act, helps]]) => ({ feeling, act, helps }));
const OPEN = [
  'How does [name] feel?',
  'How does [he] feel?',
  'How is [name] feeling?',
  'What does [name] feel?',
  'How do you think [name] feels?',
  'What feeling does [name] have?',
];
const CHOICE = ['Does [name] feel [one] or [two]?', 'Is [name] [one] or [two]?', 'Is [he] [one] or [two]?'];
const CLOSED = ['Is [name] [one]?', 'Does [name] feel [one]?', 'Do you think [name] is [one]?'];

const FACTS: FactKind[] = [
  {
    rows: acts,
    questions: [
      'What does [a feeling] person often do?',
      'How can you see that somebody is [feeling]?',
      'How does [a feeling] person act?',
      'What is a sign that somebody is [feeling]?',
    ],
    answer: '[A feeling] person often [act].',
    follow: 'And [a feeling] person?',
    weight: 2,
  },
  {
    rows: acts,
    questions: [
      'What helps [a feeling] person?',
      'What is good for [a feeling] person?',
      'My friend is [feeling]. What helps?',
      'What can help somebody who is [feeling]?',
      'What does [a feeling] person need?',
    ],
    answer: '[A feeling] person needs [helps].',
    short: '[helps]',
    follow: 'And [a feeling] person?',
    weight: 2,
  },
  {
    rows: table(`when|say${SAY}`),
    questions: [
      'What do you say when [when]?',
      'What should you say when [when]?',
      'What does one say when [when]?',
      'What is the polite thing to say when [when]?',
      'When [when], what do you say?',
      'Which words do you say when [when]?',
      'Tell me what to say when [when].',
    ],
    answer: 'You say "[say]".',
    short: '[say]',
    follow: 'And when [when]?',
    weight: 2,
  },
];
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
  const helps = FEELING_ACTS[row.feeling as string];
  if (!helps) return [first, { question: 'Thank you.', answer: 'You are welcome!' }];
  return [
    first,
    {
      question: fill('What helps [him]?', row, random),
      answer: `${capital(row.he as string)} needs ${helps[1]}.`,
    },
  ];
}

export const feelings: Topic = {
  name: 'feelings',
  weight: 1,
  turn: (random) => (random() < 0.7 ? feels(random) : facts.turn(random)),
  talk: (random) => (random() < 0.6 ? talkAbout(random) : facts.talk(random)),
};
