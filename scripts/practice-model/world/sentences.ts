/** Single everyday sentences, to be copied, put in capitals and woven into stories. */
import text from '../../../resources/practice-model/source/world/passages.json' with { type: 'json' };
import { pick } from '../draw.ts';
import { BOYS, GIRLS, PORTABLE } from './lexicon.ts';
import { fill } from './text.ts';
import type { Random } from './types.ts';

const { SENTENCES, COLOUR } = text;

/** One everyday sentence. */
export function sentence(random: Random): string {
  const names = [...GIRLS, ...BOYS];
  const name = pick(random, names);
  const other = pick(
    random,
    names.filter((candidate) => candidate !== name),
  );
  const row = { name, other, thing: pick(random, PORTABLE), colour: pick(random, COLOUR) };
  return fill(pick(random, SENTENCES), row, random);
}
