/** Sizes of models from which on rules differ. */

/** Below this many weights a model is tiny, as the practice model: it learns otherwise, forgets otherwise, and computes too quickly to be sped up. */
export const TINY = 2e7;
