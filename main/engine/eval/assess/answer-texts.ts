/** How answers are compared as texts: but for what does not change their meaning, or by similarity. */

/** Lower case, single spaces, no closing punctuation: how short answers and labels are compared. */
export function normalised(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\s.!?。！？]+$/u, '');
}

/** The words of a text, lower case, without punctuation around them. */
export function wordsOf(text: string): string[] {
  return text
    .normalize('NFC')
    .toLowerCase()
    .split(/\s+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => word !== '');
}

/** How often each of `texts` occurs, most frequent first, equal ones in order of appearance. */
export function tally(texts: Iterable<string>): [text: string, count: number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** The longest run of words that both texts have, in words. */
export function longestSharedRun(a: string, b: string): number {
  const [left, right] = [wordsOf(a), wordsOf(b)];
  let row = new Uint32Array(right.length + 1);
  let longest = 0;
  for (const word of left) {
    const next = new Uint32Array(right.length + 1);
    for (let j = 1; j <= right.length; j++) {
      if (right[j - 1] !== word) continue;
      next[j] = row[j - 1]! + 1;
      longest = Math.max(longest, next[j]!);
    }
    row = next;
  }
  return longest;
}

const ORDERS = 6;
const BETA_2 = 4;

/**
 * chrF2 of a text against a reference, 0 to 1 (Popović 2015: character n-grams of 1 to 6, beta 2, no white
 * space). Precision and recall are averaged over the orders that both have. Two empty texts score 1.
 */
export function chrf(text: string, reference: string): number {
  const [said, wanted] = [charactersOf(text), charactersOf(reference)];
  if (said.length === 0 || wanted.length === 0) return said.length === wanted.length ? 1 : 0;
  let [precision, recall, orders] = [0, 0, 0];
  for (let order = 1; order <= Math.min(ORDERS, said.length, wanted.length); order++) {
    const shared = sharedCount(gramsOf(said, order), gramsOf(wanted, order));
    precision += shared / (said.length - order + 1);
    recall += shared / (wanted.length - order + 1);
    orders++;
  }
  precision /= orders;
  recall /= orders;
  const weighed = BETA_2 * precision + recall;
  return weighed === 0 ? 0 : ((1 + BETA_2) * precision * recall) / weighed;
}

function charactersOf(text: string): string[] {
  return [...text.normalize('NFC').replace(/\s+/gu, '')];
}

function gramsOf(characters: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + order <= characters.length; i++) {
    const gram = characters.slice(i, i + order).join('');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function sharedCount(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0;
  for (const [gram, count] of a) shared += Math.min(count, b.get(gram) ?? 0);
  return shared;
}
