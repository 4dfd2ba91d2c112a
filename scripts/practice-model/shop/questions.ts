/**
 * What can be asked about a letter, in varying words, and the one right answer, which follows from the letter's facts.
 */
import text from '../../../resources/practice-model/source/shop/questions.json' with { type: 'json' };
import { pick, shuffled } from '../draw.ts';
import { expand } from './grammar.ts';
import type { Letter } from './letter.ts';
import { MEANINGS } from './meanings.ts';

export interface Exchange {
  question: string;
  answer: string;
}

type Asker = (letter: Letter, random: () => number) => Exchange | undefined;
/** What any letter has, also one of which little is left. */
type Kind = Pick<Letter, 'text' | 'meaning' | 'urgent'>;
type KindAsker = (letter: Kind, random: () => number) => Exchange;

const { ABOUT, HAPPENED, WANTS, THING, AT_ONCE, CAN_WAIT, BOTH, INSTRUCTIONS, CROSS, ANSWER, FRAMES } = text;
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

/** Askers by how often they come; the kind and the hurry of a message come most, since all else depends on them. */
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

/** A letter and a question about it as one turn. */
export function framedQuestion(letter: Kind, question: string, random: () => number): string {
  return pick(random, FRAMES)
    .replace('[question]', () => question)
    .replace('[text]', () => letter.text);
}
