/** The libraries of extras' executors, by the names of the executors. */
export { tensorFlowLibrary as tfjs } from './tensorflow/library.ts';
