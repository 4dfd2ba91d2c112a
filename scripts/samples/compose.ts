/** Turns a topic into one message: what people put around the matter, and how they type. */
import { expand, pick } from './grammar.ts';
import type { Topic } from './topic.ts';

type Random = () => number;

const GREETINGS = [
  'Hi',
  'Hi there',
  'Hello',
  'Dear team',
  'Good morning',
  'Good evening',
  'Hey',
  'Dear support',
];
const CLOSINGS = [
  'Thanks, [name]',
  'Best wishes\n[name]',
  'Regards, [name]',
  '[name]',
  'Many thanks\n[name]',
  'Cheers',
];
/** Anger and patience are not urgency: the label must not follow the tone. */
const PATIENT = ['No hurry.', 'Whenever you have a minute.', 'Sorry to bother you with this.'];
const CROSS = ['This is really annoying.', 'I am not impressed.', 'I expected better from you!!'];
const WITH_ANGER = ['damage', 'delivery', 'refund', 'billing'];
const PRESSING_ASKS = [
  'Please {call|ring} me.',
  'What do I do?',
  'Can somebody {help|answer} please?',
  'Please {answer|reply} as soon as you read this.',
  'I have tried the phone, {nobody picks up|only music}.',
  'It is order [order].',
];

/** One message of the topic, built on `core`; the same random numbers give the same text. */
export function compose(topic: Topic, core: string, urgent: boolean, random: Random): string {
  const bound = new Map<string, string>();
  const say = (template: string) => expand(template, random, bound).trim();
  const parts = [say(core)];
  const unless = (template: string) => !(template.includes('[order]') && bound.has('order'));
  if (urgent) {
    if (random() < 0.5) parts.push(say(pick(random, PRESSING_ASKS.filter(unless))));
  } else {
    if (random() < 0.4) parts.push(say(pick(random, topic.details.filter(unless))));
    if (random() < 0.4) parts.push(say(pick(random, topic.asks)));
    if (random() < 0.14) parts.push(...tone(topic, random));
  }
  if (bound.has('other') && bound.get('other') === bound.get('item'))
    return compose(topic, core, urgent, random);
  return type(layOut(parts.map(tidy), say, random), random);
}

function tone(topic: Topic, random: Random): string[] {
  if (topic.name === 'praise') return [];
  const list = WITH_ANGER.includes(topic.name) && random() < 0.6 ? CROSS : PATIENT;
  return [pick(random, list)];
}

/** Sentence starts in capitals, `an` before a vowel, no double spaces or stops. */
function tidy(text: string): string {
  return text
    .replace(/ {2,}/g, ' ')
    .replace(/ (?=[.,?!])/g, '')
    .replace(/\b([Aa]) (?=[aeioAEIO])/g, '$1n ')
    .replace(/(^|[.?!] )([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
    .trim();
}

function layOut(parts: string[], say: (template: string) => string, random: Random): string {
  const letter = random() < 0.25;
  const greeting = random() < 0.4 ? pick(random, GREETINGS) : '';
  const closing = random() < (letter ? 0.8 : 0.15) ? say(pick(random, CLOSINGS)) : '';
  const body = parts.join(' ');
  if (letter) return [greeting && `${greeting},`, body, closing].filter(Boolean).join('\n\n');
  if (!greeting) return [body, closing].filter(Boolean).join(' ');
  const opened = random() < 0.35 ? `${greeting}! ${body}` : `${greeting}, ${continued(body)}`;
  return [opened, closing].filter(Boolean).join(' ');
}

/** The body as it goes on behind a comma. */
const continued = (body: string) => (/^I\b/.test(body) ? body : body.charAt(0).toLowerCase() + body.slice(1));

/** People type: some without capitals, some without apostrophes, some with a slip or two. */
function type(text: string, random: Random): string {
  let typed = text;
  if (random() < 0.12) typed = typed.toLowerCase();
  if (random() < 0.1) typed = typed.replaceAll("'", '');
  if (random() < 0.06) typed = typed.replace(/[.]$/, '!!');
  if (random() < 0.15) typed = slip(typed, random);
  if (random() < 0.06) typed = slip(typed, random);
  return typed;
}

/** Swaps, drops or doubles one letter inside one longer lower-case word. */
function slip(text: string, random: Random): string {
  const words = [...text.matchAll(/\b[a-z]{5,}\b/g)];
  if (words.length === 0) return text;
  const word = pick(random, words);
  const at = word.index + 1 + Math.floor(random() * (word[0].length - 3));
  const [a, b] = [text[at] ?? '', text[at + 1] ?? ''];
  const replacement = pick(random, [b + a, a, a + a + b]);
  return text.slice(0, at) + replacement + text.slice(at + 2);
}
