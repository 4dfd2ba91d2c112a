/** Short stories of the shop in the third person, and days at its desk where letters are read and answered. */
import text from '../../../resources/practice-model/source/shop/stories.json' with { type: 'json' };
import { pick } from '../draw.ts';
import { expand, type Slots, tidy } from './grammar.ts';
import { letterFor } from './letter.ts';
import { SLOTS, thingSlots } from './words.ts';

interface Story {
  pool?: string;
  text: string;
}

const { HEROES, DESK } = text;

const STORIES: readonly Story[] = text.STORIES;

const DESK_SHARE = 0.4;

/** One story: three to eight sentences, with a letter in two of five. */
export function storyFor(random: () => number): string {
  const bound = new Map(Object.entries(pick(random, HEROES)));
  if (random() >= DESK_SHARE) {
    const story = pick(random, STORIES);
    return tidy(expand(story.text, { ...SLOTS, ...thingSlots(story.pool) }, random, bound));
  }
  const letter = letterFor(random, false);
  const slots: Slots = {
    ...SLOTS,
    about: [letter.meaning.about],
    hurry: [letter.urgent ? `It cannot wait, because ${letter.urgent}.` : 'It can wait.'],
    reply: [letter.reply],
    happened: [letter.happened],
  };
  bound.set('letter', letter.text);
  return tidy(expand(pick(random, DESK), slots, random, bound));
}
