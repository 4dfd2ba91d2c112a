/**
 * Rows with nothing wrong: sentences put together at random, so that thousands differ, and a list of texts that look
 * like faults and are none.
 */
import { readFileSync } from 'node:fs';
import type { LooseRow } from '../../../../main/rows/loose-row.ts';
import { Rng } from '../../../../main/rows/rng.ts';
import { looseRow } from '../../../../main/rows/shapes.ts';

const SLOTS: Readonly<Record<string, readonly string[]>> = {
  thing:
    'kettle lamp bicycle printer jacket tent camera radio mirror carpet blender ladder piano suitcase heater router drill sofa violin telescope'.split(
      ' ',
    ),
  person:
    'Zoë Müller|José Álvarez|Anaïs|Mr Nguyễn|Søren|Dr Okafor|Siobhán|the landlord|my neighbour|our teacher|the plumber|Małgorzata'.split(
      '|',
    ),
  place: 'garden kitchen attic office library harbour station museum bakery workshop courtyard cellar'.split(
    ' ',
  ),
  colour: 'blue crimson olive silver amber turquoise ivory violet'.split(' '),
  when: 'last Tuesday|on 12 March 2021|in the winter of 1998|yesterday at 10:45|before breakfast|two weeks ago|at noon|on 2023-07-19'.split(
    '|',
  ),
  price: '$19.99|€1,250.00|£7|12.50 EUR|about 300 dollars|49,90 €'.split('|'),
  verb: 'repair clean paint move sell borrow measure replace photograph insure'.split(' '),
  reason:
    'the cable was too short|it rained all week|nobody had the key|the instructions were missing|a spring had rusted|the colour had faded|the handle came loose'.split(
      '|',
    ),
};
const QUESTIONS = `How do I {verb} a {colour} {thing} that stood in the {place}?
{person} wants to {verb} the {thing} {when}, is that wise?
Why would somebody pay {price} for a {colour} {thing}?
What should I tell {person} about the {thing} in the {place}?
Can a {thing} be left in the {place} if {reason}?
The {thing} broke {when} because {reason}; who pays for it?
Write two sentences about a {colour} {thing} and a {thing} in the {place}.
Is {price} a fair amount to {verb} a {thing} {when}?
Summarise why {person} left the {place} {when}.
Which tools do I need to {verb} the {thing}, given that {reason}?`.split('\n');
const ANSWERS = `Begin with the {place}, because {reason}, and then look at the {thing} again.
A {colour} {thing} like this rarely costs more than {price}, even new.
{person} found out {when} that {reason}.
Put the {thing} on a dry cloth and wait until the {place} is warm.
It is better to {verb} it first and to ask {person} afterwards.
Most people keep such a {thing} in the {place}, although {reason}.
You can {verb} it in an hour, and a {colour} one takes a little longer.
Nothing speaks against it, as long as somebody can {verb} the {thing} later.
The bill of {price} was paid {when} by {person}.
Take a photograph of the {thing} {when}, so that {person} can compare.`.split('\n');

function filled(template: string, rng: Rng): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const words = SLOTS[name]!;
    return words[rng.below(words.length)]!;
  });
}

function sentences(templates: readonly string[], count: number, rng: Rng): string {
  return Array.from({ length: count }, () => filled(templates[rng.below(templates.length)]!, rng)).join(' ');
}

/** `count` questions with answers, the same ones for the same seed. */
export function cleanRows(count: number, seed = 7): LooseRow[] {
  const rng = Rng.fromSeed(seed);
  return Array.from({ length: count }, () => pair(sentences(QUESTIONS, 2, rng), sentences(ANSWERS, 3, rng)));
}

/** A prompt with its completion. */
export function pair(question: string, answer: string): LooseRow {
  return {
    kind: 'completion',
    turns: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  };
}

/** A conversation of the given turns. */
export function chat(...turns: readonly (readonly [role: string, content: string])[]): LooseRow {
  return { kind: 'chat', turns: turns.map(([role, content]) => ({ role, content })) };
}

/** Running text. */
export function text(content: string): LooseRow {
  return { kind: 'text', turns: [{ role: 'text', content }] };
}

/** The rows of a bundled sample file. */
export function sampleRows(name: string): LooseRow[] {
  const file = new URL(`../../../../resources/samples/${name}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line, i) => looseRow(JSON.parse(line), `${name}:${i + 1}`));
}

/** The texts of `tricky-texts.txt`, apart by lines of dashes: each looks like some fault and has none. */
export const TRICKY_TEXTS: readonly string[] = readFileSync(
  new URL('./tricky-texts.txt', import.meta.url),
  'utf8',
)
  .split(/^----\n/m)
  .map((one) => one.trim())
  .filter((one) => one !== '');
