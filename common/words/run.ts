/** Words of a run that the terminal and the pages share: what it does between its steps, and what to try after it. */
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

/** What to try after a run, by the names under which an assessment proposes it; translated where it is shown. */
export const REMEDIES: Readonly<Record<string, string>> = {
  'larger-model': 'Choose a larger model',
  'more-rows': 'Add more rows',
  'more-passes': 'Train longer',
  blend: 'Blend with the base model',
  replay: 'Mix in general rows',
  'fewer-steps': 'Train shorter',
  'lower-rate': 'Lower the learning rate',
  'lower-rank': 'Use a smaller adapter',
  'stay-close': 'Stay close to the base model',
};
