/** Ways to forget less that extras bring. */
export { blendRemedy as blend } from './blend/remedy.ts';
