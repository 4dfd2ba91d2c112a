/** What makes a run of another one without training. */
export { maker as blend } from './blend/maker.ts';
