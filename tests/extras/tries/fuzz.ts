import { type ExtraFuzz, RUN } from '../../campaign/fuzz/reader.ts';

export const triesFuzz: ExtraFuzz = {
  calls: {
    '/tries/known': { runId: RUN },
    '/tries/start': { runId: RUN },
    '/tries/stop': { runId: RUN },
  },
  readers: [],
};
