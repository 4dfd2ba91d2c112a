/** What the fake computer has of extras' executors: their libraries, their ways to a card, their packs. */
export { fakeTensorFlow as tfjs } from './tensorflow/fake-library.ts';
