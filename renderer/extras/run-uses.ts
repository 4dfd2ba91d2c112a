/** Uses of a trained model that extras bring. */
export { runUse as blend } from './blend/run-use.ts';
export { runUse as find } from './find/run-use.ts';
export { runUse as tries } from './tries/run-use.ts';
