/** Runs that are made of others without training. */
import { z } from 'zod';
import { api, gives, id } from '../../api/base.ts';
import type { Job } from '../../api/runs.ts';

export const blends = {
  /** A new run between the base model and the result of this one, `strength` of its change being kept; nothing is trained. */
  blend: api.input(z.object({ runId: id, strength: z.number().min(0).max(1) })).output(gives<Job>()),
  /** A new run whose adapter is the weighted sum of those of two runs of one model; nothing is trained. */
  combine: api
    .input(
      z.object({
        runId: id,
        weight: z.number().min(0.01).max(1),
        otherId: id,
        otherWeight: z
          .number()
          .min(-10)
          .max(10)
          .refine((weight) => weight !== 0),
      }),
    )
    .output(gives<Job>()),
};
