/** Rating: a model answers prompts twice, a person says which answer is better, and the pairs become rows to learn from. */
import { z } from 'zod';
import { api, filePaths, gives, id, streams } from '../../api/base.ts';
import type { ChatTurn } from '../../protocol/protocol.ts';

/** A model that answers: one that is here, or of a run its base model or the trained one. */
const answerer = z.union([
  z.object({ modelId: id }),
  z.object({ runId: id, from: z.enum(['before', 'after']) }),
]);
export type Answerer = z.output<typeof answerer>;

/** Where prompts come from: files with a prompt a line or rows, or the test rows of a run. */
const promptSource = z.union([z.object({ paths: filePaths }), z.object({ runId: id })]);
export type PromptSource = z.output<typeof promptSource>;

export const NewRating = z.object({
  name: z.string().trim().min(1).max(120),
  /** The same one twice: two samples of it. */
  answerers: z.tuple([answerer, answerer]),
  prompts: promptSource,
  /** Left out: the system message of a run among the answerers. */
  system: z.string().min(1).max(20_000).optional(),
  temperature: z.number().min(0).max(2).default(0.8),
  maxNewTokens: z.int().min(1).max(2048).default(256),
});
export type NewRating = z.output<typeof NewRating>;

export interface RatingCounts {
  /** Pairs of which one answer was better. */
  readonly rated: number;
  readonly skipped: number;
}

/** A list of prompts that is being rated. */
export interface RatingSet extends Omit<NewRating, 'prompts'>, RatingCounts {
  readonly id: string;
  readonly created: string;
  /** Each the messages that are answered; after the last one they begin again. */
  readonly prompts: readonly (readonly ChatTurn[])[];
}

export interface RatingRow extends RatingCounts {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  readonly prompts: number;
}

/** A piece of one of two answers; `again`: what was sent of it before is replaced, because both were the same. */
export interface RatingPiece {
  readonly place: 0 | 1;
  readonly text: string;
  readonly again?: true;
}

const text = z.string().max(100_000);

export const ratings = {
  list: api.output(gives<readonly RatingRow[]>()),
  create: api.input(NewRating).output(gives<RatingSet>()),
  get: api.input(z.object({ id })).output(gives<RatingSet>()),
  /** The two answers of the pair with that number, counted from 0. */
  pair: api.input(z.object({ id, number: z.int().min(0) })).output(streams<RatingPiece>()),
  /** Keeps what a person said of a pair: which answer is better, null for neither. */
  rate: api
    .input(
      z.object({
        id,
        number: z.int().min(0),
        answers: z.tuple([text, text]),
        better: z.union([z.literal(0), z.literal(1), z.null()]),
      }),
    )
    .output(gives<RatingCounts>()),
  /** Takes the last rating back and gives its answers; null where there is none. */
  undo: api
    .input(z.object({ id }))
    .output(gives<RatingCounts & { readonly answers: readonly [string, string] | null }>()),
  /** Writes the pairs as rows to learn from; `content` is what is in the file. */
  export: api
    .input(z.object({ id }))
    .output(gives<{ readonly path: string; readonly rows: number; readonly content: string }>()),
  remove: api.input(z.object({ id })).output(gives<void>()),
};
