/**
 * Sorting letters under names: a system message lists eight names in any order and the form of the answer, and the answer is a
 * name. The names are many, so that what a letter is about and how the answer is written are learned apart from each other.
 */
import text from '../../../resources/practice-model/source/shop/sorting.json' with { type: 'json' };
import { pick, shuffled } from '../draw.ts';
import { MEANINGS } from './meanings.ts';
import type { Meaning, Message } from './types.ts';

/** What can be sorted: a letter or what is left of one. */
export interface Sortable {
  readonly text: string;
  readonly meaning: Meaning;
  readonly urgent?: string;
}

/** Names of the eight meanings, in the order of `MEANINGS`; none of them is a label of the sample data. */
const NAMES: readonly (readonly string[])[] = [
  ['broken', 'parcel', 'money back', 'login', 'payment', 'question', 'stop it', 'thanks'],
  ['fault', 'shipping', 'return', 'profile', 'invoice', 'advice', 'ending', 'compliment'],
  ['repair', 'transport', 'given back', 'password', 'money', 'information', 'call off', 'applause'],
  ['defect', 'courier', 'unwanted', 'user', 'price', 'facts', 'withdrawn', 'nice words'],
  ['workshop', 'van', 'returns desk', 'data desk', 'cash desk', 'help desk', 'order desk', 'wall of thanks'],
  ['mend', 'bring', 'take back', 'sign in', 'pay', 'explain', 'end', 'smile'],
  MEANINGS.map(({ choice }) => choice),
];

/** What hurry is called, first where somebody must act at once. */
const HURRY = text.HURRY;

type Form = (name: string, hurry: string) => string;

const FORMS: readonly (readonly [told: string, write: Form])[] = [
  ['Answer with the name.', (name) => name],
  ['One name only.', (name) => name],
  ['Write the name in capitals.', (name) => name.toUpperCase()],
  ['Answer like this: name, hurry', (name, hurry) => `${name}, ${hurry}`],
  ['Answer like this: name / hurry', (name, hurry) => `${name} / ${hurry}`],
  ['Answer like this: kind=name hurry=word', (name, hurry) => `kind=${name} hurry=${hurry}`],
  ['Answer in two lines.', (name, hurry) => `kind: ${name}\nhurry: ${hurry}`],
  ['Answer as "name" - "hurry".', (name, hurry) => `"${name}" - "${hurry}"`],
];

const TASKS = text.TASKS;

/** One exchange: the names, the letter, and its name in the form that is asked for. */
export function sorted(letter: Sortable, whole: boolean, random: () => number): Message[] {
  const names = pick(random, NAMES);
  const { now, later } = pick(random, HURRY);
  const forms = whole ? FORMS : FORMS.slice(0, 3);
  const [told, write] = pick(random, forms);
  const listed = shuffled(random, names).join(pick(random, [', ', ' | ', '; ']));
  const hurry = forms === FORMS && FORMS.findIndex(([one]) => one === told) >= 3;
  const system = [
    pick(random, TASKS),
    `Names: ${listed}.`,
    hurry ? `Hurry: ${now} or ${later}.` : '',
    told,
  ].filter(Boolean);
  const name = names[MEANINGS.indexOf(letter.meaning)] as string;
  return [
    { role: 'system', content: system.join(' ') },
    { role: 'user', content: letter.text },
    { role: 'assistant', content: write(name, letter.urgent ? now : later) },
  ];
}
