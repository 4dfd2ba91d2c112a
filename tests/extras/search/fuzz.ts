import { type ExtraFuzz, TRAIN } from '../../campaign/fuzz/reader.ts';

export const searchFuzz: ExtraFuzz = {
  calls: { '/search/plan': { request: TRAIN, tries: 4 }, '/search/trainBest': { id: 's' } },
  readers: [],
};
