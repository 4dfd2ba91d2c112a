/** Ways of taking an optimizer step beside the whole one, by the names that their prices have too. */
export { way as layerwise } from './layerwise/layerwise.ts';
