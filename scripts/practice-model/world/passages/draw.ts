/** One running text: a story of the grammar, a description from the tables, or a reading story with its sequel. */
import { pick } from '../../draw.ts';
import { BOYS, GIRLS } from '../lexicon/people.ts';
import { sentence } from '../sentences.ts';
import { capital, fill } from '../text.ts';
import { storyText } from '../topics/reading.ts';
import type { Passage, Random } from '../types.ts';
import { DESCRIPTIONS } from './descriptions.ts';
import { LETTERS } from './letters.ts';
import { STORIES } from './stories.ts';
import { HOME_STORIES } from './stories-home.ts';
import { TOWN_STORIES } from './stories-town.ts';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const ALL_STORIES = [...STORIES, ...HOME_STORIES, ...TOWN_STORIES, ...LETTERS];
const GARMENTS = ['shirt', 'coat', 'dress', 'jacket', 'jumper', 'skirt', 'blouse', 'waistcoat'];
const MIN_WORDS = 30;
const STORY_SHARE = 0.6;
const DESCRIPTION_SHARE = 0.3;

const sentencesUp = (text: string) =>
  text.replace(/(^|[.?!] )([a-z])/g, (_, before: string, letter: string) => before + capital(letter));

function story(random: Random): string {
  const [girl, woman] = [random() < 0.5, random() < 0.5];
  const name = pick(random, girl ? GIRLS : BOYS);
  const other = pick(
    random,
    (woman ? GIRLS : BOYS).filter((candidate) => candidate !== name),
  );
  const row = {
    name,
    other,
    ...(girl ? { he: 'she', his: 'her', him: 'her' } : { he: 'he', his: 'his', him: 'him' }),
    ...(woman ? { she: 'she', her: 'her', hers: 'her' } : { she: 'he', her: 'his', hers: 'him' }),
    day: pick(random, DAYS),
    garment: pick(random, GARMENTS),
  };
  return sentencesUp(fill(pick(random, ALL_STORIES), row, random));
}

/** The text with everyday sentences added until it is long enough. */
function lengthened(text: string, random: Random): string {
  let long = text;
  while (long.split(/\s+/).length < MIN_WORDS) long += ` ${sentence(random)}`;
  return long;
}

function describe(random: Random): Passage {
  const [topic, write] = pick(random, DESCRIPTIONS);
  return { topic, text: write(random) };
}

/** One text of 30 to 150 words. */
export function drawPassage(random: Random): Passage {
  const kind = random();
  if (kind < STORY_SHARE) return { topic: 'stories', text: story(random) };
  const { topic, text } =
    kind < STORY_SHARE + DESCRIPTION_SHARE
      ? describe(random)
      : { topic: 'reading', text: `${storyText(random)} ${sentence(random)}` };
  return { topic, text: lengthened(text, random) };
}
