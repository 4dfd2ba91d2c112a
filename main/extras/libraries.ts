/** The libraries that extras' executors compute with, by the names of the executors. */
export { tensorFlow as tfjs } from './tensorflow/library.ts';
