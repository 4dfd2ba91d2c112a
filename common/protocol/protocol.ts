/**
 * What an engine process and the others say to each other: events, commands and results, as types alone. They import nothing but each
 * other, so that any process can read them without loading the engine. Everyone imports them from here.
 */
import type { BenchProgress, ProbeLimits } from './bench.ts';
import type { EngineEvent } from './events.ts';
import type { RungNews } from './results.ts';

export type * from './assess.ts';
export type * from './bench.ts';
export type * from './doctor.ts';
export type * from './events.ts';
export type * from './price.ts';
export type * from './results.ts';

/**
 * What a parent process sends to an engine process; `Config` is the configuration of a training run. Work comes with the language in which
 * a person reads what the engine says of it, English where it is left out: one process may outlive a change of it.
 */
export type EngineCommand<Config> =
  /** A training with this executor follows, of this model where it is known: both are opened while settings are being decided. */
  | { readonly command: 'prepare'; readonly executor: string; readonly model?: string }
  | {
      readonly command: 'train';
      readonly config: Config;
      readonly resume: boolean;
      /** When the person asked for the run, in milliseconds since 1970. */
      readonly startedAt: number;
      /** Where the run is only tried out: so far, and nothing of it is kept. */
      readonly probe?: ProbeLimits;
      readonly language?: string;
    }
  | { readonly command: 'stop' }
  /** Ends the training now as early stopping does: the best weights are written, the run is assessed. */
  | { readonly command: 'finish' }
  /** Any other work; several calls may be under way, told apart by `id`. */
  | {
      readonly command: 'call';
      readonly id: number;
      /** One of the table of calls (main/engine/session/call-table.ts). */
      readonly name: string;
      readonly input: unknown;
      readonly language?: string;
    }
  | { readonly command: 'cancel'; readonly id: number }
  /** From now on it speaks that language. */
  | { readonly command: 'speak'; readonly language: string };

/** How a job failed. */
export interface EngineFailure {
  /** The code of an error that a person can act on; null for a bug. */
  readonly code: string | null;
  readonly message: string;
  readonly hint: string;
  readonly stack: string;
}

/** What a model says while other programs ask it: that it can be asked now, and each request once it has its answer. */
export type EndpointNews =
  | { readonly listening: { readonly address: string; readonly contextSize: number } }
  | {
      readonly request: {
        readonly method: string;
        readonly path: string;
        readonly status: number;
        /** Of the answer. */
        readonly tokens: number;
        readonly seconds: number;
      };
    };

/** What a call sends before its result: an event, a piece of a text, how far a benchmark is, or news of something that goes on. */
export type CallEvent = EngineEvent | CallNews[keyof CallNews];

/** What calls tell while they work; an extra adds its own. */
export interface CallNews {
  readonly text: { readonly text: string };
  readonly bench: BenchProgress;
  readonly endpoint: EndpointNews;
  readonly rungs: RungNews;
}

/** A file from anywhere that is being read: whoever started the engine ends it where that takes too much for its `bytes`. */
export type Parsing =
  | {
      readonly id: number;
      readonly state: 'on';
      readonly file: string;
      readonly bytes: number;
      /** Resident memory of the process just before. */
      readonly rssBytes: number;
    }
  | { readonly id: number; readonly state: 'off' | 'over' };

/**
 * What an engine process sends: the events of a training or how it failed, the same for a call with its `id` after the news that its turn
 * has come, which file it is reading, and a sign of life every two seconds, which a long computation holds up. `isLast`: the process ends with it, because something
 * failed that nobody awaited.
 */
export type EngineReply =
  | { readonly event: EngineEvent }
  | { readonly failed: EngineFailure; readonly isLast?: true }
  | { readonly id: number; readonly begun: true }
  | { readonly id: number; readonly event: CallEvent }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failed: EngineFailure; readonly isLast?: true }
  | { readonly parsing: Parsing }
  | { readonly beat: { readonly rssBytes: number } };
