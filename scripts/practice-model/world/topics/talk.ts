/** Small talk, and honest answers to questions that this small world cannot answer. Not part of the quiz. */
import text from '../../../../resources/practice-model/source/world/topics/talk.json' with { type: 'json' };
import { pick } from '../../draw.ts';
import { type FactKind, factTopic } from '../facts.ts';
import { BOYS, CAPITALS, GIRLS, PORTABLE } from '../lexicon.ts';
import type { Row } from '../text.ts';
import type { Topic } from '../types.ts';

const { SAYINGS, UNKNOWN } = text;
const sayings: Row[] = SAYINGS.flatMap((line) => {
  const [asked, reply] = line.split('->');
  return (asked ?? '').split('|').map((said) => ({ said, reply: reply as string }));
});

const names = [...GIRLS, ...BOYS];
const cities = CAPITALS.map((row) => row.city as string);
const unknowns = Array.from({ length: 60 }, (_, i) => ({
  name: names[i % names.length] as string,
  thing: PORTABLE[i % PORTABLE.length] as string,
  city: cities[i % cities.length] as string,
}));

const FACTS: FactKind[] = [
  { rows: sayings, questions: ['[said]'], answer: '[reply]' },
  { rows: unknowns, questions: UNKNOWN, answer: 'I do not know.', weight: 0.7 },
];
const facts = factTopic('talk', FACTS, 0.9);
const GREETINGS = sayings.filter((row) => (row.reply as string).endsWith('help you?'));
const saying = (row: Row) => ({ question: row.said as string, answer: row.reply as string });

export const talk: Topic = {
  ...facts,
  talk: (random) => [saying(pick(random, GREETINGS)), facts.turn(random)],
};
