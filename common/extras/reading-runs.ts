/** Runs of models that read and don't write, which extras train. */
export { READING_RUNS as find } from './find/reading-runs.ts';
