/** What a client asks of a job, and the flags of `fettle train` that it stands for. */
import { z } from 'zod';
import type { RowFacts } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../../engine/config/config.ts';
import { Refusal } from './wire.ts';

const auto = z.literal('auto');
const hyperparameters = z.strictObject({
  n_epochs: z.union([auto, z.int().min(1).max(50)]).optional(),
  learning_rate_multiplier: z.union([auto, z.number().min(0.01).max(100)]).optional(),
  batch_size: z.union([auto, z.int().min(1).max(256)]).nullish(),
  beta: z.union([auto, z.number().min(0.001).max(2)]).optional(),
});
const part = z.strictObject({ hyperparameters: hyperparameters.optional() });

export const JobRequest = z.strictObject({
  model: z.string().min(1).max(300),
  training_file: z.string().min(1).max(100),
  validation_file: z.string().min(1).max(100).optional(),
  suffix: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'A suffix has up to 64 letters, digits, dots and hyphens')
    .optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  hyperparameters: hyperparameters.optional(),
  method: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('supervised'), supervised: part.optional() }),
      z.strictObject({ type: z.literal('dpo'), dpo: part.optional() }),
    ])
    .optional(),
  metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
});
export type JobRequest = z.output<typeof JobRequest>;

/** The numbers that were asked for, wherever they stand. */
export function numbersOf({ method, hyperparameters: old }: JobRequest) {
  const own = method?.type === 'dpo' ? method.dpo : method?.supervised;
  return { ...old, ...own?.hyperparameters };
}

/** The same, as a job shows them. */
export function shownNumbers(request: JobRequest): object {
  return Object.fromEntries(Object.entries(numbersOf(request)).filter(([, value]) => value != null));
}

/** Flags of a training, by name; what is `auto` is left to the plan. */
export function flagsOf(request: JobRequest, files: Readonly<Record<string, string>>): Map<string, unknown> {
  const { n_epochs: epochs, beta } = numbersOf(request);
  const isPairs = request.method?.type === 'dpo';
  if (beta !== undefined && beta !== 'auto' && !isPairs)
    throw new Refusal(400, 'invalid_request', 'beta is a number of dpo.');
  return new Map<string, unknown>([
    ...Object.entries(files),
    ...(isPairs ? [['objective', 'dpo'] as const] : []),
    ...(typeof epochs === 'number' ? [['epochs', epochs] as const] : []),
    ...(typeof beta === 'number' ? [['beta', beta] as const] : []),
    ...(request.seed === undefined ? [] : [['seed', request.seed] as const]),
  ]);
}

type Steps = Pick<RunConfig, 'maxLength' | 'tokensPerMicroBatch' | 'gradientAccumulation'>;

/** The settings of steps that have so many rows on average: steps are planned by tokens, and a micro-batch keeps room for the longest row. */
export function stepsOf(
  size: number,
  { maxLength, tokensPerMicroBatch }: Pick<Steps, 'maxLength' | 'tokensPerMicroBatch'>,
  { rows, tokens }: Pick<RowFacts, 'rows' | 'tokens'>,
): Steps {
  const wanted = Math.max(1, Math.round((size * tokens) / Math.max(1, rows)));
  const micro = Math.min(tokensPerMicroBatch, Math.max(maxLength, wanted));
  return {
    maxLength,
    tokensPerMicroBatch: micro,
    gradientAccumulation: Math.max(1, Math.round(wanted / micro)),
  };
}
