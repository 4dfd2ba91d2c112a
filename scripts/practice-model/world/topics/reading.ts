/** Reading: a story of a few sentences in the prompt and questions that it answers. */
import text from '../../../../resources/practice-model/source/world/topics/reading.json' with {
  type: 'json',
};
import { pick } from '../../draw.ts';
import { BOYS, GIRLS } from '../lexicon.ts';
import { capital, fill, plural } from '../text.ts';
import type { Random, Topic, Turn } from '../types.ts';

interface Asked {
  readonly question: string;
  readonly answer: string;
}
interface Frame {
  readonly story: string;
  readonly asked: readonly (readonly Asked[])[];
}

/** A story and its questions, "q1/q2 -> a" or, each with its own answer, "q1/q2 -> a1|a2". `[he]` is `[one]`, `[she]` is `[two]`. */
function parse([story, ...rows]: readonly string[]): Frame {
  const asked = rows.map((row) => {
    const [questions, answers] = row.split(' -> ').map((part, i) => part.split(i === 0 ? '/' : '|'));
    return (questions ?? []).map((question, i) => {
      const answer = answers?.[i] ?? answers?.[0];
      if (!answer) throw new Error(`no answer in "${row}"`);
      return { question, answer };
    });
  });
  return { story: story as string, asked };
}

const PARSED = text.FRAMES.map(parse);
const STORY_WORDS: Readonly<Record<string, readonly string[]>> = text.STORY_WORDS;

function people(random: Random): Record<string, string> {
  const [girl, boy] = [random() < 0.5, random() < 0.5];
  const one = pick(random, girl ? GIRLS : BOYS);
  const two = pick(
    random,
    (boy ? BOYS : GIRLS).filter((name) => name !== one),
  );
  return {
    one,
    two,
    he: girl ? 'she' : 'he',
    his: girl ? 'her' : 'his',
    she: boy ? 'he' : 'she',
    her: boy ? 'his' : 'her',
  };
}

const { CLASHES, LAYOUTS } = text;

/** Values for every slot of a story, no two of which could be mixed up. */
function storyRow(random: Random): Record<string, string> {
  const row = people(random);
  for (const [slot, values] of Object.entries(STORY_WORDS)) {
    const clash = CLASHES.find(([, second]) => second === slot)?.[0];
    row[slot] = pick(random, clash ? values.filter((value) => value !== row[clash]) : values);
  }
  row.things = plural(row.thing as string);
  return row;
}

const tidy = (text: string) =>
  text.replace(/(^|[.?!] )([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase());

function told(random: Random): { story: string; turns: Turn[] } {
  const frame = pick(random, PARSED);
  const row = storyRow(random);
  const story = tidy(fill(frame.story, row, random));
  const turns = frame.asked.map((group) => {
    const asked = pick(random, group);
    return {
      question: tidy(fill(asked.question, row, random)),
      answer: capital(fill(asked.answer, row, random)),
      key: story,
    };
  });
  return { story, turns };
}

const laidOut = (story: string, ask: string, random: Random) =>
  pick(random, LAYOUTS)
    .replace('[story]', () => story)
    .replace('[ask]', () => ask);

/** A story as a running text. */
export const storyText = (random: Random) => told(random).story;

export const reading: Topic = {
  name: 'reading',
  weight: 2,
  turn: (random) => {
    const { story, turns } = told(random);
    const turn = pick(random, turns);
    return { ...turn, question: laidOut(story, turn.question, random) };
  },
  talk: (random) => {
    const { story, turns } = told(random);
    const from = Math.floor(random() * (turns.length - 2));
    const some = random() < 0.5 ? turns.slice(from, from + 3) : [...turns].reverse().slice(from, from + 3);
    return some.map((turn, i) =>
      i === 0 ? { ...turn, question: laidOut(story, turn.question, random) } : turn,
    );
  },
};
