/** How people really type: lower case, capitals, slips of the fingers, no full stop. */
import { pick } from '../draw.ts';

/** The message as somebody typed it; most stay as they are, and the thing's own name is never misspelled. */
export function roughen(text: string, noun: string | undefined, random: () => number): string {
  const dice = random();
  if (dice < 0.08) return text.toLowerCase();
  if (dice < 0.12) return text.toLowerCase().replace(/[.,!']/g, '');
  if (dice < 0.17) return text.replace(/[.!]$/, '');
  if (dice < 0.18) return text.toUpperCase();
  if (dice < 0.26) return misspelled(text, noun ?? '', random);
  return text;
}

/** Share of the letters that get a remark, and of those that get a second. */
const REMARKED = 0.4;
const TWICE = 0.3;

/** A share of the letters with one or two of the remarks that `say` makes, between sentences or at an end. */
export function remarked(text: string, say: () => string, random: () => number): string {
  if (random() >= REMARKED) return text;
  const once = withRemark(text, say(), random);
  return random() < TWICE ? withRemark(once, say(), random) : once;
}

function withRemark(text: string, remark: string, random: () => number): string {
  const lower = text === text.toLowerCase();
  const words = lower ? remark.toLowerCase() : remark;
  const gaps = [...text.matchAll(/(?<=[.!?]) /g)].map(({ index }) => index);
  const at = pick(random, [0, ...gaps, text.length]);
  if (at === 0) return `${words} ${text}`;
  if (at === text.length) return `${/[.!?]$/.test(text) ? text : `${text}.`} ${words}`;
  return `${text.slice(0, at)} ${words}${text.slice(at)}`;
}

function misspelled(text: string, noun: string, random: () => number): string {
  const words = [...text.matchAll(/[a-z]{4,}/g)].filter((match) => !noun.includes(match[0]));
  if (words.length === 0) return text;
  const { 0: word, index } = pick(random, words);
  return text.slice(0, index) + slip(word, random) + text.slice(index + word.length);
}

/** Two letters swapped, one left out or one doubled, never the first. */
function slip(word: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (word.length - 2));
  const [one, two] = [word[at] as string, word[at + 1] as string];
  return word.slice(0, at) + pick(random, [two + one, two, one + one + two]) + word.slice(at + 2);
}
