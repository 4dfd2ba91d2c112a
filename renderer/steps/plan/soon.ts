/**
 * Milliseconds after which the plan's first answer is settings that fit, whether or not better ones do. With the graph that is under way by
 * then it is told within a tenth of a second where a graph takes half of that.
 */
export const SOON_MS = 45;
