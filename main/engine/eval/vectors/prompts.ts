/** What stands before a text, by what it is: some encoders were trained with other words before questions than before passages. */

export type Use = 'query' | 'document';

/** As sentence-transformers names them, the first that a model has. */
const NAMES: Readonly<Record<Use, readonly string[]>> = {
  query: ['query'],
  document: ['document', 'passage', 'corpus'],
};

/** What stands before passages where questions have these words before them, of models whose files don't say so. */
const BESIDE: Readonly<Record<string, string>> = {
  'query: ': 'passage: ',
  'search_query: ': 'search_document: ',
};

/** The prompt for `use`: the model's own by `prompts`, else by the words `known` to stand before questions; undefined for its usual one. */
export function promptFor(
  use: Use,
  prompts: Readonly<Record<string, string>>,
  known?: string,
): string | undefined {
  const own = NAMES[use].find((name) => Object.hasOwn(prompts, name));
  if (own !== undefined) return prompts[own];
  if (known === undefined || use === 'query') return known;
  return BESIDE[known];
}
