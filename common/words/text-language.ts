/** Whether texts are English, by the small words that nearly every English sentence has and other languages hardly do. */
const SMALL_WORDS = new Set(
  'the and is are was of to my it for you your that this with not have has do does did what how when where why can could would from they he she its i'.split(
    ' ',
  ),
);
/** In English about a third of all words; of German, French, Spanish, Italian and Dutch under a twentieth (tests/unit/common). */
const LEAST_SHARE = 0.12;

/** Few words say nothing: then texts are taken for English. */
export function areEnglish(texts: readonly string[]): boolean {
  const words = texts.flatMap((text) => text.toLowerCase().match(/\p{L}+/gu) ?? []);
  if (words.length === 0) return true;
  return words.filter((word) => SMALL_WORDS.has(word)).length >= LEAST_SHARE * words.length;
}
