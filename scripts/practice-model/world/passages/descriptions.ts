/** Running texts that string facts of the tables together: animals, jobs, places, and why things are so. */
import { pick, shuffled } from '../../draw.ts';
import { having } from '../facts.ts';
import { ANIMALS } from '../lexicon/animals.ts';
import { JOBS } from '../lexicon/people.ts';
import { BUY, KEEP, PLACES } from '../lexicon/places.ts';
import { COLOURED, USES } from '../lexicon/things.ts';
import { sentence } from '../sentences.ts';
import { capital, choose, fill, type Row } from '../text.ts';
import { CAUSE_SENTENCES } from '../topics/reasons.ts';
import type { Random } from '../types.ts';

/** Sentences of which those are used whose slots the row has. */
const ABOUT_ANIMAL = [
  '{[A animal] is [a kind].|Everybody knows that [a animal] is [a kind].}',
  '{[A animal] lives [home].|You can find [a animal] [home].|[S animal] live [home].}',
  '{[A animal] eats [food].|[S animal] eat [food].|[A animal] likes to eat [food].}',
  '{[A animal] has [legs] legs.|It has [legs] legs.}',
  '{It says [sound].|When you hear [sound], there is [a animal] near.|[A animal] says [sound].}',
  '{Its body has [cover].|[A animal] has [cover].}',
  '{A young [animal] is called [a young].|[A young] is a young [animal].}',
];
const ABOUT_JOB = [
  '{[A job] [does].|[He] [does].|Every day [he] [does].}',
  '{[A job] works [place].|[He] works [place].|You find [him] [place].}',
  '{[He] uses [tool].|[A job] uses [tool].|For this work [he] needs [tool].}',
  '{[He] gets up at {five|six|seven}.|[He] starts early in the morning.|[He] comes home late in the evening.}',
  '{It is hard work, but [he] likes it.|[He] likes the job because [he] can help people.|The work is never boring.|[He] is often tired, but proud.}',
  '{On Sunday [he] rests.|In summer [he] goes on holiday.|[He] earns enough money for the family.}',
];
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

export const DESCRIPTIONS: readonly (readonly [string, (random: Random) => string])[] = [
  ['animals', animalText],
  ['people', jobText],
  ['places', dayOut],
  ['reasons', reasonsText],
  ['colours', thingsText],
  ['reading', noticed],
];
