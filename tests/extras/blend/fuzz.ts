import { type ExtraFuzz, RUN } from '../../campaign/fuzz/reader.ts';

export const blendFuzz: ExtraFuzz = {
  calls: {
    '/blends/blend': { runId: RUN, strength: 0.5 },
    '/blends/combine': { runId: RUN, weight: 0.5, otherId: RUN, otherWeight: -1 },
  },
  readers: [],
};
