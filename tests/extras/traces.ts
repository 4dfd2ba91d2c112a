/** The training traces that the tests take on extras' executors. */
export { traces as tfjs } from './tensorflow/traces.ts';
