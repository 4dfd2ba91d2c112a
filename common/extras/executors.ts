/** The executors that extras bring. */
export { tfjs } from './tensorflow/executor.ts';
