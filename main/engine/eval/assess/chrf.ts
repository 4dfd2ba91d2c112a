/**
 * How alike two free texts are. Exact matching is hopeless there and word overlap blind to endings; chrF compares runs of
 * characters, needs no tokenizer, and works in every language.
 */

const ORDERS = 6;
const BETA_2 = 4;

/**
 * chrF2 of one text against one reference, 0 to 1 (Popović 2015: character n-grams of 1 to 6, beta 2, white space taken
 * out): precision and recall are averaged over the orders of which both texts have n-grams, then joined with recall
 * counting twice as much. Two empty texts score 1, one empty text 0.
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
