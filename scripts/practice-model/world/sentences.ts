/** Single everyday sentences, to be copied, put in capitals and woven into stories. */
import { pick } from '../draw.ts';
import { BOYS, GIRLS } from './lexicon/people.ts';
import { PORTABLE } from './lexicon/things.ts';
import { fill, lines } from './text.ts';
import type { Random } from './types.ts';

const SENTENCES = lines(`
[Name] has a [colour] [thing].
The [thing] is {on|under|behind|next to} the {table|bed|chair|sofa|cupboard}.
The {dog|cat|baby|child|old man} sleeps {in the sun|on the sofa|under the tree|by the window}.
[Name] likes {tea|soup|music|rain|books|cheese|apples|dancing} very much.
We {eat|cook|meet|sing|play} together on {Monday|Tuesday|Friday|Sunday}.
The {bus|train|ship|plane} comes at {seven|eight|nine|ten|noon}.
It is {cold|warm|windy|rainy|sunny|foggy} today.
My {brother|sister|uncle|aunt|neighbour|friend} lives in {a small house|the city|a village|a flat}.
[Name] {bought|found|lost|sold|mended|cleaned} [a thing] {yesterday|this morning|last week|on Monday}.
The {shop|bank|school|library|museum} {opens|closes} at {eight|nine|four|five|six}.
Please {close the door|open the window|wait a minute|bring the salt|turn off the light|sit down}.
The {milk|bread|butter|soup|cake} is on the table.
[Name] and [other] {play cards|go for a walk|wash the car|paint the fence|bake a cake}.
The {flowers|trees|roses|birds} in the garden are {beautiful|lovely|very old|bright}.
I {forgot|lost|found} my [thing] {at school|on the bus|at home|in the park}.
The {tall|small|friendly|quiet|busy} {woman|man|girl|boy|nurse|teacher} carries a [colour] {bag|box|basket}.
There are {two|three|four|five|six|ten} [s thing] {on the shelf|in the box|in the cellar|by the door}.
[Name] {writes a letter|sends a parcel|calls a friend|reads the news} {every day|in the evening|on Sunday}.
The {river|road|wall|bridge|tower} is very {long|old|high}.
{Nobody|Everybody} {likes|knows|helps} the new {neighbour|teacher|cook}.
[Name] can {swim|whistle|dance|draw|cook|ski} very well.
The [colour] {car|van|lorry|bicycle} {stopped|turned|waited} at the corner.
She {put|left|hid} the [thing] {in a drawer|in the hall|on the roof|under the stairs}.
He {is late|is early|is at home|is at work|is on holiday} today.`);
const COLOUR = ['red', 'blue', 'green', 'yellow', 'brown', 'black', 'white', 'grey'];

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
