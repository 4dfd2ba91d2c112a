/** What a search of settings varies, and how many settings it tries. */

/** Fewest and most settings, and how many where nobody says. */
export const TRIES = { least: 3, most: 12, usual: 6 } as const;

/** By the names of run.json with dots, in the order in which they are shown. */
export const VARIED = ['learningRate', 'lora.rank', 'epochs'] as const;
