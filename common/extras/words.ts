/** The files of words that extras bring, in each language's folder in `words/`: a line for each, which goes with it. */
// biome-ignore format: a line for each
export const EXTRA_TOPICS: readonly string[] = [
  'documents',
  'find',
  'layerwise',
  'rating',
  'ray',
  'search',
  'teacher',
  'tensorflow',
];
