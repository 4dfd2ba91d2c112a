/** One running text: a story of the grammar, a description from the tables, or a reading story with its sequel. */
import text from '../../../resources/practice-model/source/world/passages.json' with { type: 'json' };
import { pick, shuffled } from '../draw.ts';
import { having } from './facts.ts';
import { ANIMALS, BOYS, BUY, COLOURED, GIRLS, JOBS, KEEP, PLACES, USES } from './lexicon.ts';
import { sentence } from './sentences.ts';
import { capital, choose, fill, type Row } from './text.ts';
import { storyText } from './topics/reading.ts';
import { CAUSE_SENTENCES } from './topics/reasons.ts';
import type { Passage, Random } from './types.ts';

/** Sentences of which those are used whose slots the row has. */
const { STORIES, ABOUT_ANIMAL, ABOUT_JOB, DAYS, GARMENTS } = text;
const usable = (template: string, row: Row) =>
  [...template.matchAll(/\[(?:\w+ )?(\w+)\]/g)].every(
    ([, slot]) => row[(slot as string).charAt(0).toLowerCase() + (slot as string).slice(1)] !== undefined,
  );

function animalText(random: Random): string {
  const row = pick(random, having(ANIMALS, 'kind', 'home', 'food', 'legs'));
  const parts = ABOUT_ANIMAL.filter((template) => usable(template, row));
  const some = [parts[0] as string, ...shuffled(random, parts.slice(1))].slice(0, 6);
  const seen = fill(
    '{Yesterday|On Sunday|Last week} {we saw [a animal]|my brother saw [a animal]|I dreamed of [a animal]}.',
    row,
    random,
  );
  return [...some.map((template) => fill(template, row, random)), seen].join(' ');
}

function jobText(random: Random): string {
  const name = pick(random, ['girl', 'boy']);
  const row = {
    ...(pick(random, JOBS) as Row),
    ...(name === 'girl' ? { he: 'she', him: 'her' } : { he: 'he', him: 'him' }),
  };
  const relation = pick(
    random,
    name === 'girl'
      ? ['mother', 'sister', 'aunt', 'friend Anna', 'neighbour Ruth', 'cousin Mia']
      : ['father', 'brother', 'uncle', 'friend Tom', 'neighbour Mark', 'cousin Leo'],
  );
  const parts = ABOUT_JOB.filter((template) => usable(template, row)).map((template) =>
    fill(template, row, random),
  );
  return [fill(`My ${relation} is [a job].`, row, random), ...parts].join(' ');
}

function dayOut(random: Random): string {
  const stops = shuffled(random, PLACES).slice(0, 3);
  const [buy, keep] = [pick(random, BUY), pick(random, KEEP)];
  const row = {
    place: stops[0]?.place as string,
    second: stops[1]?.place as string,
    act: stops[0]?.act as string,
    other: stops[1]?.act as string,
    ...buy,
  } as Row;
  const text = fill(
    'Our town has many useful places. There is [a place], where you can [act]. Not far from it is [a second], where you can [other]. When people need [thing], they go to the [shop]. {In the middle of the town stands an old church.|A little river runs under the bridge.|Trams and buses take the people home.} ',
    row,
    random,
  );
  return (
    text +
    fill(
      '{At home you put [thing] [where].|Everybody at home knows that one puts [thing] [where].}',
      keep,
      random,
    )
  );
}

function reasonsText(random: Random): string {
  const parts = shuffled(random, CAUSE_SENTENCES).slice(0, 5);
  const open = choose(
    '{Children ask many questions.|There is a reason for almost everything.|One can learn a lot every day.|My grandfather knows many things.}',
    random,
  );
  return [open, ...parts].join(' ');
}

function thingsText(random: Random): string {
  const [a, b] = shuffled(random, USES);
  const [one, two] = shuffled(random, COLOURED);
  const row = {
    thing: a?.thing,
    use: a?.use,
    other: b?.thing,
    task: b?.use,
    first: one?.thing,
    colour: one?.colour,
    second: two?.thing,
    shade: two?.colour,
    are: one?.are,
    were: two?.are,
  } as Row;
  return fill(
    'At home we have many things. {We use [a thing] to [use].|You need [a thing] to [use].} {We have [a other] to [task].|With [a other] you can [task].} {There are colours everywhere, too.|And how many colours there are!} [First] [are] [colour], and [second] [were] [shade]. {My little sister likes to paint all that.|We often draw such things at school.|It is nice to look around and name things.}',
    row,
    random,
  );
}

function noticed(random: Random): string {
  const open = pick(random, [
    'This is what I wrote in my diary today.',
    'It was a normal day in our street.',
    'Some sentences from my exercise book:',
    'Here is the news of our house.',
  ]);
  const said = Array.from({ length: 5 }, () => sentence(random));
  return capital([open, ...said].join(' '));
}

const DESCRIPTIONS: readonly (readonly [string, (random: Random) => string])[] = [
  ['animals', animalText],
  ['people', jobText],
  ['places', dayOut],
  ['reasons', reasonsText],
  ['colours', thingsText],
  ['reading', noticed],
];

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
  return sentencesUp(fill(pick(random, STORIES), row, random));
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
