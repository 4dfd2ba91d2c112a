/** What the ways of taking a step cost. */
export { price as layerwise } from './layerwise/prices.ts';
