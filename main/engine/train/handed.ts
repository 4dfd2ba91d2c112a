/** Names of what the graphs of a step that is cut at its layers hand to each other (layer-graphs.ts). */

/** Hidden states [B*T,H] that come in and go out, and the gradients by what went out and by what came in. */
export const HANDED = { hidden: 'hidden', next: 'next', gradient: 'gradient', below: 'below' } as const;

/** The name of shared value `i`, such as a mask, that the first graph makes for all layers. */
export const sharedName = (i: number): string => `shared.${i}`;
