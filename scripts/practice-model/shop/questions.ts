/**
 * What can be asked about a letter, in varying words, and the one right answer, which follows from the letter's facts.
 */
import { pick, shuffled } from '../draw.ts';
import { expand } from './grammar.ts';
import type { Letter } from './letter.ts';
import { MEANINGS } from './meanings/all.ts';

export interface Exchange {
  question: string;
  answer: string;
}

type Asker = (letter: Letter, random: () => number) => Exchange | undefined;
/** What any letter has, also one of which little is left. */
type Kind = Pick<Letter, 'text' | 'meaning' | 'urgent'>;
type KindAsker = (letter: Kind, random: () => number) => Exchange;

const ABOUT = [
  'What is {it|this} about?',
  'What is {this|the} message about?',
  'What does the customer write about?',
  'What is the matter here?',
  'What kind of message is {it|this}?',
  'What is the topic?',
  'Say in one sentence what it is about.',
  'Why does the customer write?',
  'Tell me what the customer writes about.',
  'What is going on?',
];
const HAPPENED = [
  'What has happened?',
  'What happened?',
  'What does the customer {say|tell us|report}?',
  'Sum it up in one sentence.',
  'What is it in short?',
  'Say it in one short sentence.',
  'Make it short.',
  'What is the main point?',
];
const WANTS = [
  'What does the customer want?',
  'What do they want?',
  'What should the shop do for them?',
  'What is the wish of the customer?',
  'What does the person ask for?',
  'What would make the customer happy?',
];
const THING = [
  'Which thing is it about?',
  'What thing does the customer {name|mean}?',
  'Which thing does the customer write about?',
  'Which thing is meant?',
  'Name the thing.',
];
const AT_ONCE = [
  'Must somebody help at once?',
  'Is it urgent?',
  'Does somebody have to act today?',
  'Is there a hurry?',
  'Must the shop answer at once?',
  'Would it do harm to wait?',
];
const CAN_WAIT = [
  'Can it wait?',
  'Can it wait until the next day?',
  'May the shop answer later?',
  'Is there time?',
];
const BOTH = [
  'What is it about, and can it wait?',
  'Say what it is about and if it can wait.',
  'What is it about, and is it urgent?',
  'What does the customer write about, and must somebody help at once?',
  'Sort this message.',
  'Tell me the kind of message and if there is a hurry.',
];
const INSTRUCTIONS = [
  'Sort the messages of customers.',
  'Sort this message.',
  'Say what the message is about and if it can wait.',
  'Tell what customers write about and if there is a hurry.',
  'You read the messages of a shop. Say what each is about and if it can wait.',
];
const CROSS = ['Is the customer cross?', 'Does the customer sound angry?', 'Is the person angry?'];
const ANSWER = [
  'Write a short answer.',
  'What should the shop write back?',
  'Answer the customer.',
  'What do you say to the customer?',
];
const NO_HARM = 'No harm is done if it waits.';

const say = (random: () => number, list: readonly string[]) =>
  expand(pick(random, list), {}, random, new Map());

const about: KindAsker = (letter, random) => ({ question: say(random, ABOUT), answer: letter.meaning.about });

const happened: Asker = (letter, random) => ({ question: say(random, HAPPENED), answer: letter.happened });

const wants: Asker = (letter, random) =>
  letter.wants ? { question: say(random, WANTS), answer: letter.wants } : undefined;

const thing: Asker = (letter, random) =>
  letter.noun ? { question: say(random, THING), answer: `The ${letter.noun}.` } : undefined;

const atOnce: Asker = (letter, random) => ({
  question: say(random, AT_ONCE),
  answer: letter.urgent ? `Yes, ${letter.urgent}.` : 'No, it can wait.',
});

const canWait: Asker = (letter, random) => ({
  question: say(random, CAN_WAIT),
  answer: letter.urgent ? `No, ${letter.urgent}.` : 'Yes, it can wait.',
});

const both: KindAsker = (letter, random) => ({
  question: say(random, BOTH),
  answer: kindAndHurry(letter),
});

const kindAndHurry = (letter: Kind) =>
  `${letter.meaning.about} ${letter.urgent ? 'It cannot wait.' : 'It can wait.'}`;

/** What kind of letter it is, as a system message may ask for every letter. */
export function instructed(letter: Kind, random: () => number): { system: string; answer: string } {
  return { system: pick(random, INSTRUCTIONS), answer: kindAndHurry(letter) };
}

const why: Asker = (letter, random) =>
  letter.urgent
    ? {
        question: say(random, [
          'Why can it not wait?',
          'Why is it urgent?',
          'Why must somebody help at once?',
        ]),
        answer: `Because ${letter.urgent}.`,
      }
    : { question: 'Why can it wait?', answer: NO_HARM };

const cross: Asker = (letter, random) => ({
  question: say(random, CROSS),
  answer: letter.cross ? 'Yes, they are angry.' : 'No, they are not angry.',
});

const reply: Asker = (letter, random) => ({ question: say(random, ANSWER), answer: letter.reply });

const yesOrNo: KindAsker = (letter, random) => {
  const meaning = random() < 0.5 ? letter.meaning : pick(random, MEANINGS);
  const right = meaning === letter.meaning;
  const question = pick(random, meaning.asked);
  if (random() < 0.4) return { question: `${question} Yes or no?`, answer: right ? 'Yes.' : 'No.' };
  return { question, answer: right ? `Yes. ${letter.meaning.about}` : `No. ${letter.meaning.about}` };
};

const choice: KindAsker = (letter, random) => {
  const others = shuffled(
    random,
    MEANINGS.filter((meaning) => meaning !== letter.meaning),
  ).slice(0, 1 + Math.floor(random() * 3));
  const names = shuffled(random, [letter.meaning, ...others]).map((meaning) => meaning.choice);
  const last = names.pop() as string;
  const question = pick(random, ['Is this about', 'Is it about', 'Which is it:', 'What is it:']);
  const right = letter.meaning.choice;
  return {
    question: `${question} ${names.join(', ')} or ${last}?`,
    answer: `${right.charAt(0).toUpperCase()}${right.slice(1)}.`,
  };
};

/** Askers by how often they come; the kind and the hurry of a message come most, since all else hangs on them. */
const ASKERS: readonly Asker[] = [
  about,
  about,
  about,
  both,
  both,
  both,
  choice,
  choice,
  yesOrNo,
  yesOrNo,
  happened,
  happened,
  atOnce,
  atOnce,
  canWait,
  wants,
  wants,
  thing,
  why,
  cross,
  reply,
];

/** `count` different kinds of questions about a letter, each with its answer. */
export function exchangesFor(letter: Letter, random: () => number, count: number): Exchange[] {
  const result: Exchange[] = [];
  const asked = new Set<Asker>();
  while (result.length < count) {
    const asker = pick(random, ASKERS);
    if (asked.has(asker)) continue;
    asked.add(asker);
    const exchange = asker(letter, random);
    if (exchange) result.push(exchange);
  }
  return result;
}

/** One question about the kind of a letter; about its hurry too where enough is left of it to tell. */
export function kindExchange(letter: Kind, whole: boolean, random: () => number): Exchange {
  return pick(random, whole ? [about, both, both, choice, yesOrNo] : [about, about, choice, yesOrNo])(
    letter,
    random,
  );
}

const FRAMES = [
  'A customer writes: "[text]" [question]',
  'A customer writes: "[text]"\n[question]',
  'Message: [text]\n[question]',
  '[question]\n[text]',
  'Read this message: "[text]" [question]',
  'This message came today: "[text]" [question]',
  '"[text]"\n[question]',
  '[text]\n\n[question]',
  'A letter to the shop:\n[text]\n\n[question]',
  'Somebody wrote to us: "[text]" [question]',
  '[question] "[text]"',
  '[question] Message: [text]',
  'The shop got this: "[text]" [question]',
  'Here is what the customer says: "[text]" [question]',
];

/** A letter and a question about it as one turn. */
export function framedQuestion(letter: Kind, question: string, random: () => number): string {
  return pick(random, FRAMES)
    .replace('[question]', () => question)
    .replace('[text]', () => letter.text);
}
