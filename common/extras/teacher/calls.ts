/** Teaching: a larger model answers raw texts, a person decides the doubtful ones, and the rows are learned from. */
import { z } from 'zod';
import { api, filePaths, gives, id, streams, subject } from '../../api/base.ts';
import { ANSWER_KINDS, type AnswerKind, type Choice, type ExampleRow, MOST_VARIATIONS } from './kinds.ts';

export type { Choice } from './kinds.ts';

const text = z.string().max(20_000);

export const NewTeaching = z.object({
  name: z.string().trim().min(1).max(120),
  raw: filePaths.optional(),
  examples: filePaths,
  /** An address that speaks OpenAI's API, or a model that is here. */
  teacher: z.union([
    z.object({
      url: z.string().min(1).max(2000),
      model: z.string().max(200).optional(),
      mayLeave: z.boolean(),
    }),
    subject,
  ]),
  rubric: text.optional(),
  kind: z.enum(ANSWER_KINDS).optional(),
  samples: z.int().min(2).max(10).default(3),
  /** Texts like each example that the teacher writes first. */
  vary: z.int().min(1).max(MOST_VARIATIONS).optional(),
  /** Of a million tokens. */
  price: z.number().min(0).max(1e6).optional(),
});
export type NewTeaching = z.output<typeof NewTeaching>;

export interface TeachingRow {
  readonly id: string;
  readonly name: string;
  readonly created: string;
  /** With those that are still to be written. */
  readonly texts: number;
  readonly answered: number;
  readonly decided: number;
}

/** What comes of a teaching. */
export interface TaughtCounts {
  /** The person's examples. */
  readonly examples: number;
  /** Taken from the teacher as they are. */
  readonly taken: number;
  /** Decided by the person. */
  readonly decided: number;
  /** Left out by the person. */
  readonly leftOut: number;
  /** Waiting for the person. */
  readonly open: number;
  /** Not answered by the teacher yet. */
  readonly unanswered: number;
}

/** A text that a person decides. */
export interface OpenRow {
  readonly row: number;
  readonly text: string;
  readonly choices: readonly Choice[];
  readonly agreement: number;
  /** The example that it was written like. */
  readonly like: ExampleRow | null;
}

/** What is left to ask for takes about so much, by what was measured; seconds and tokens are null before that. */
export interface Forecast {
  /** Texts to write, and texts to answer. */
  readonly write: number;
  readonly answer: number;
  readonly seconds: number | null;
  readonly tokens: number | null;
}

export interface Teaching extends TeachingRow {
  readonly kind: AnswerKind;
  /** The categories; empty for other answers. */
  readonly answers: readonly string[];
  readonly samples: number;
  /** Where it is asked: an address, or the name of a model. */
  readonly teacher: string;
  /** Texts go to another computer. */
  readonly isAway: boolean;
  readonly counts: TaughtCounts;
  /** Texts that the teacher writes like each example; null where it writes none. */
  readonly vary: number | null;
  readonly price: number | null;
  readonly forecast: Forecast;
  /** The next ones, the most useful first. */
  readonly next: readonly OpenRow[];
}

export interface AskingNews {
  /** Examples are varied first; then texts are answered. */
  readonly step: 'vary' | 'answer';
  /** What was written just now, and the example that it is like. */
  readonly written?: Written;
  readonly done: number;
  readonly total: number;
  /** Of this time; seconds and tokens are null before enough were measured. */
  readonly secondsLeft: number | null;
  readonly tokensLeft: number | null;
  /** Texts that got no answer this time, and why the last one. */
  readonly failed: number;
  readonly problem: string | null;
}

export interface Written {
  readonly like: string;
  readonly texts: readonly string[];
}

export const teacher = {
  list: api.output(gives<readonly TeachingRow[]>()),
  /** Reads the files; nothing is asked yet. */
  create: api.input(NewTeaching).output(gives<{ readonly id: string }>()),
  get: api.input(z.object({ id })).output(gives<Teaching>()),
  /** Has examples varied, and asks the texts that have no answer yet, until all are asked or the stream is left; what came is kept. A trial ends after one example. */
  ask: api
    .input(z.object({ id, key: z.string().max(1000).optional(), isTrial: z.boolean().default(false) }))
    .output(streams<AskingNews | { readonly doing: string }>()),
  /** Keeps what a person says of a text; null: it is left out. */
  decide: api
    .input(z.object({ id, row: z.int().min(0), answer: text.min(1).nullable() }))
    .output(gives<Teaching>()),
  /** Takes the last decision back; its text is the next one. */
  undo: api.input(z.object({ id })).output(gives<Teaching>()),
  /** Writes the rows; `content` is what is in the file. */
  export: api
    .input(z.object({ id }))
    .output(gives<{ readonly path: string; readonly rows: number; readonly content: string }>()),
  remove: api.input(z.object({ id })).output(gives<void>()),
};
