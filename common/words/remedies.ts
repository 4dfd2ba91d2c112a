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
