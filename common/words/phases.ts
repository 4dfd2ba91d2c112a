/** What a run does between its steps, in words: the same in the terminal, in the list of jobs and on the run's page. */
import type { Phase } from '../protocol/protocol.ts';

export const PHASES: Readonly<Record<Phase, string>> = {
  read: 'Reading the data',
  tokenize: 'Turning the rows into tokens',
  load: 'Loading the model',
  compile: 'Preparing the computation',
  resume: 'Reading the checkpoint',
  evaluate: 'Measuring on test rows',
  save: 'Saving',
  export: 'Exporting',
  assess: 'Comparing with the base model',
};
