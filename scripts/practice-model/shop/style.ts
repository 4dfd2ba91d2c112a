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

/** Share of the letters that lose words, and of the words that each of them loses. */
const THINNED_SHARE = 0.35;
const LOST_WORDS = 0.15;

/**
 * A share of the letters with words left out at random, all but those of the thing's own name: a model that meets them
 * learns to rest on all words of a letter rather than on one whole wording (word dropout: Iyyer et al., 2015).
 */
export function thinned(text: string, noun: string | undefined, random: () => number): string {
  if (random() >= THINNED_SHARE) return text;
  const kept = new Set((noun ?? '').toLowerCase().split(' '));
  return text
    .split(/(?<=\s)/)
    .filter((word) => kept.has(word.toLowerCase().replace(/[^a-z-]/g, '')) || random() >= LOST_WORDS)
    .join('');
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
