/** Other computers that can train: which a person has named, and what they have. */
import { z } from 'zod';
import * as extras from '../extras/target-kinds.ts';
import { api, gives } from './base.ts';
import type { PlanFit, Span } from './plan.ts';

const word = (most = 200) => z.string().min(1).max(most);
/** What becomes a word of a command line there or here: never an option, never two words. */
const plainWord = z
  .string()
  .max(200)
  .regex(/^[\w@.:%+][\w@.:%+/-]*$/);

/** A target as it is kept. No secret is in it: keys stay with ssh and its agent, a token with the host's secrets. */
export const TargetSpec = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  kind: z.enum({ ssh: 'ssh', slurm: 'slurm', ...extras } as const),
  /** `user@host`, a name in the person's configuration of ssh, or an address. */
  host: plainWord,
  port: z.int().min(1).max(65_535).nullable().default(null),
  /** A key file, and another configuration of ssh. */
  key: word(4096).nullable().default(null),
  sshConfig: word(4096).nullable().default(null),
  /** Where it keeps its files there, from the home folder. */
  folder: word(1000).default('.fettle'),
  /** A Python that has everything; null: one is made in `folder`. */
  python: word(1000).nullable().default(null),
  /** Processes on a computer, or in all of a cluster; null: one for each card. */
  processes: z.int().min(1).max(64).nullable().default(null),
  /** Of all that a job gets there together. */
  pricePerHour: z.number().min(0).max(1e6).nullable().default(null),
  /** Cards that the last test has found; null before one. */
  cards: z
    .array(z.object({ name: word(), bytes: z.number().min(0) }))
    .nullable()
    .default(null),
  partition: plainWord.nullable().default(null),
  account: plainWord.nullable().default(null),
  /** Cards and GB of main memory of a computer, computers, and the longest time, in minutes, that are asked for of Slurm. */
  gpus: z.int().min(0).max(64).nullable().default(null),
  memory: z.int().min(1).max(100_000).nullable().default(null),
  nodes: z.int().min(1).max(64).nullable().default(null),
  minutes: z.int().min(1).max(100_000).nullable().default(null),
});
export type TargetSpec = z.infer<typeof TargetSpec>;

/** What a person has to say of a target; the rest is usual. */
export const NewTarget = TargetSpec.partial().required({ name: true, kind: true, host: true });
export type NewTarget = z.infer<typeof NewTarget>;

/** What a test of a target has found. */
export interface TargetFacts {
  readonly cards: readonly { readonly name: string; readonly bytes: number }[];
  readonly cores: number;
  readonly memoryBytes: number | null;
  readonly freeDiskBytes: number | null;
  readonly python: string | null;
  /** Versions of what is needed, by name; null where it is missing. */
  readonly packages: Readonly<Record<string, string | null>>;
  /** What is missing, and how to get it. */
  readonly missing: readonly string[];
}

/** What a run takes on a target. Bytes, seconds, money; what can't be known is null. */
export interface TargetEstimate {
  readonly name: string;
  readonly host: string;
  /** What computes there; null where no card is known. */
  readonly cards: { readonly name: string; readonly count: number } | null;
  /** On each card, of all that it has. */
  readonly memory: (Span & { readonly ofBytes: number; readonly fit: PlanFit }) | null;
  /** From the start of PyTorch to its end, without sending, waiting and what is done here. */
  readonly seconds: Span | null;
  /** Where the person has given a price. */
  readonly cost: Span | null;
  readonly currency: string;
  /** What makers publish of the card, or so many runs of the target. */
  readonly restsOn: 'published' | 'runs';
  readonly runs: number;
  /** Share of the published rate that is assumed. */
  readonly utilisation: Span;
  /** Why no time is known; null where it is. */
  readonly unknown: 'untested' | 'no-card' | 'unknown-card' | null;
}

/** What lets in where that is no key of ssh. */
const token = z.string().max(4096).optional();
const named = z.object({ name: z.string().max(40) });

export const targets = {
  list: api.output(gives<readonly TargetSpec[]>()),
  /** One of the same name is replaced. Files of ssh are named on the command line alone: they can hold commands. */
  add: api
    .input(NewTarget.omit({ key: true, sshConfig: true, cards: true }).extend({ token }))
    .output(gives<TargetSpec>()),
  /** What an hour there costs; null: not said. */
  price: api.input(named.extend({ perHour: TargetSpec.shape.pricePerHour })).output(gives<TargetSpec>()),
  /** Forgets it; what lies there stays. */
  remove: api.input(named).output(gives<void>()),
  /** Looks there, which takes a few seconds. */
  test: api.input(named).output(gives<TargetFacts>()),
};
