/**
 * The split into training and quiz: a fixed share of all texts, chosen by their hash, never occurs in training.
 * Both sides draw from the same grammar and ask here, so that no list of held-out questions can go stale.
 */

const HELD_OUT_ONE_IN = 16;

/** Lower case, single spaces, no punctuation: two texts that differ in less than that count as one. */
export function normalised(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+\- ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Whether the text belongs to the quiz, by FNV-1a over its normalised form with a final mix. */
export function isHeldOut(text: string): boolean {
  let hash = 0x811c9dc5;
  for (const character of normalised(text)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) % HELD_OUT_ONE_IN === 0;
}
