/** The files of words that extras bring, in each language's folder in `words/`: a line for each, which goes with it. */
// biome-ignore format: a line for each
export const EXTRA_TOPICS: readonly string[] = [
  'blend',
  'documents',
  'find',
  'layerwise',
  'learn',
  'learn-course',
  'learn-forgetting',
  'learn-judging',
  'learn-lora',
  'learn-memory',
  'learn-reading',
  'learn-time',
  'rating',
  'ray',
  'rules',
  'search',
  'teacher',
  'tensorflow',
  'tries',
];
