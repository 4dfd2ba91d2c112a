/** What opens the executors that extras bring. */
export { tfjs } from './tensorflow/open.ts';
