import type { ExtraFuzz } from '../../campaign/fuzz/reader.ts';

const calls = {
  '/learn/adapter': { inputs: 512, outputs: 512, rank: 8 },
  '/learn/memory': { parameters: 1e9, method: 'lora' },
};

export const learnFuzz: ExtraFuzz = { calls, readers: [] };
