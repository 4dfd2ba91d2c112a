/** Texts as they are compared: what does not change the meaning of an answer does not count. */

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

/** How often each of `texts` occurs, most frequent first, equal ones in the order of their first appearance. */
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
