import type { EvalFigures, StepFigures } from '../step-figures.ts';
import type { Forgot, Learned } from './assess.ts';
import type { ProbeFigures } from './bench.ts';
import type { RowsLeftOut, RunPrice } from './price.ts';

/**
 * What the engine says while it works: one union of events, read by the command line, by `--json` (one event per
 * line) and by the app. It imports types alone, so that any process can read it without loading the engine.
 *
 * Order of a training run: `phase`* `look`? `start` (`step` | `eval` | `sample` | `checkpoint` | `phase` | `warning`)*, `assessment` where the
 * run is assessed, and then exactly one of `done`, `stopped`, `error`. `warning` may come at any time. After a `rescue` it all starts over. New fields may be added; none changes its meaning.
 */
export type EngineEvent =
  | PhaseEvent
  | LookEvent
  | StartEvent
  | StepEvent
  | EvalEvent
  | SampleEvent
  | CheckpointEvent
  | WarningEvent
  | RescueEvent
  | AssessmentEvent
  | StoppedEvent
  | DoneEvent
  | ErrorEvent;

/** What the engine is busy with when it is not taking steps. */
export type Phase =
  | 'read'
  | 'tokenize'
  | 'load'
  | 'ask'
  | 'compile'
  | 'look'
  | 'resume'
  | 'evaluate'
  | 'save'
  | 'export'
  | 'assess';

/** Work on something other than steps has begun or advanced. */
export interface PhaseEvent {
  readonly event: 'phase';
  readonly phase: Phase;
  /** From 0 to 1 where the end is known. */
  readonly fraction?: number;
  /** A few plain words, such as a file's name. */
  readonly detail?: string;
  /** Of a phase with a fraction, as soon as it can be estimated. */
  readonly secondsLeft?: number;
}

/** Learning rates were tried for a few steps each, before the run; it takes the best. */
export interface LookEvent {
  readonly event: 'look';
  /** Steps at each rate. */
  readonly steps: number;
  /** The mean training loss of each rate's last steps; null where training diverged. */
  readonly tried: readonly { readonly learningRate: number; readonly loss: number | null }[];
  readonly learningRate: number;
  /** What it took, with what the run would have prepared anyway. */
  readonly seconds: number;
}

/** The facts of a run, sent once, before its first step. */
export interface StartEvent {
  readonly event: 'start';
  /** Folder or file of the model, as given. */
  readonly model: string;
  /** Model family, such as `llama`. */
  readonly family: string;
  readonly method: 'lora' | 'qlora' | 'full';
  /** Where results go. */
  readonly out: string;
  /** Weights of the model, and those that training changes. */
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Of the model; earlier runs lack it. */
  readonly layers?: number;
  /** Rows trained on, and rows held out for evaluation. */
  readonly rows: number;
  readonly heldOutRows: number;
  /** Tokens of one epoch without padding, and those of them that the loss counts. */
  readonly tokens: number;
  readonly labelledTokens: number;
  /** Rows are tokenised while the run trains: tokens, and rows that are too long or empty, are estimates, or steps as well. */
  readonly estimates?: 'tokens' | 'steps';
  /** Rows that were skipped as unreadable, and rows that were cut off at the maximal length. */
  readonly skippedRows: number;
  readonly truncatedRows: number;
  /** Of the data, those skipped included; earlier runs lack it. */
  readonly leftOut?: RowsLeftOut;
  /** Optimizer steps of the whole run, and how many of them an earlier part has done already. */
  readonly steps: number;
  readonly stepsDone: number;
  readonly executor: string;
  /** The device in words, such as `CPU, 8 threads`. */
  readonly device: string;
  /** Why it was chosen, where that was left to Fettle. */
  readonly deviceWhy?: string;
  /** The target that computes it, where that is another computer. */
  readonly target?: string;
  /** Of a run that was made of another one without training: that run's folder, and how much of its change was kept. */
  readonly blend?: {
    readonly of: string;
    readonly strength: number;
    /** Another run whose adapter was added, and how strongly. */
    readonly with?: string | undefined;
    readonly withStrength?: number | undefined;
  };
  /** Places for tokens that go through the model at once, and the fewest that a split of the micro-batches can come down to. */
  readonly tokensAtOnce?: number;
  readonly leastTokensAtOnce?: number;
  /** SHA-256 of the rows (of several sources: joined by commas), and the key of the model's files. */
  readonly dataHash?: string;
  readonly modelHash?: string;
  /** A hash of the rows that the run is measured on; none where none are held out. */
  readonly testRows?: string;
}

/** One optimizer step has been taken. */
export interface StepEvent extends StepFigures {
  readonly event: 'step';
}

/** The held-out part has been evaluated. */
export interface EvalEvent extends EvalFigures {
  readonly event: 'eval';
  /** Whether this is the lowest held-out loss of the run so far. */
  readonly best: boolean;
}

/** How far a model prefers the better answers of pairs, or of rated answers the good ones. */
export type PreferenceFigures = NonNullable<EvalFigures['preference']>;

/** What the model says now to one of the person's own prompts; sent after the evaluation of the same step. */
export interface SampleEvent {
  readonly event: 'sample';
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

/** Everything needed to go on from here is on the disk. */
export interface CheckpointEvent {
  readonly event: 'checkpoint';
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
}

/** Something the user should know that does not end the run. */
export interface WarningEvent {
  readonly event: 'warning';
  readonly code: string;
  readonly message: string;
}

/** Why a training could not go on as it was. */
export type RescueReason = 'out-of-memory' | 'device-lost' | 'device-failed';

/** The engine has failed, and the run goes on by itself with settings that take less. Said by what started the engine. */
export interface RescueEvent {
  readonly event: 'rescue';
  /** Counted from 1 for each time that a person starts or resumes the run. */
  readonly attempt: number;
  readonly reason: RescueReason;
  /** Steps that had been taken, and the step of the checkpoint that it goes on from; 0 for its beginning. */
  readonly failedAfter: number;
  readonly resumesFrom: number;
  /** The settings that are others now, by the names of the configuration. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** Whether the losses are those that they would have been, but for rounding. */
  readonly sameNumbers: boolean;
  /** What failed, in the words of the engine or of what ended it. */
  readonly cause: string;
  /** How it goes on, in words. */
  readonly message: string;
}

/** The trained model has been compared with the base model. */
export interface AssessmentEvent {
  readonly event: 'assessment';
  /** The verdict in one sentence. */
  readonly sentence: string;
  /** More that a person should know, a sentence each. */
  readonly remarks: readonly string[];
  readonly learned: Learned;
  readonly forgot: Forgot;
  /** The HTML report. */
  readonly report: string;
}

/** The run was asked to stop; it finished its step and saved. The last event of the run. */
export interface StoppedEvent {
  readonly event: 'stopped';
  readonly step: number;
  readonly steps: number;
  /** Path of the checkpoint that the run goes on from. */
  readonly checkpoint: string;
  /** The command that goes on. */
  readonly resume: string;
}

/** Counted by the system, or estimated from processor time. */
export interface RunEnergy {
  readonly wattHours: number;
  readonly isMeasured: boolean;
}

/** The run has ended by itself and its result is written. The last event of the run. */
export interface DoneEvent {
  readonly event: 'done';
  readonly steps: number;
  /** Why it ended: all steps taken, the held-out loss no longer fell, or the person asked for it. */
  readonly reason: 'finished' | 'early-stopping' | 'finished-early';
  /** Real tokens that went through the model in training (prompts included, padding not). */
  readonly trainedTokens: number;
  /** `trainedTokens` over the time spent in training steps. */
  readonly trainedTokensPerSecond: number;
  /** From the start of the process to the end of its first step; null when no step was left to take. */
  readonly secondsToFirstStep: number | null;
  /** Highest resident memory of the engine's process. */
  readonly peakRssBytes: number;
  /** The same with weights once that several programs have mapped. Missing in old runs. */
  readonly peakMemoryBytes?: number;
  /** What the training took; missing where a card computed, and in old runs. */
  readonly energy?: RunEnergy;
  /** Mean training loss of the last step. */
  readonly finalLoss: number | null;
  /** Held-out loss of the result that was written, and of the model before training; null without a held-out part. */
  readonly heldOutLoss: number | null;
  readonly heldOutLossBefore: number | null;
  /** The step whose weights were written. */
  readonly bestStep: number;
  /** Length of the run, in seconds, with loading and evaluation. */
  readonly seconds: number;
  /** The median step of this part of the run, in seconds; null when none was left to take. */
  readonly stepSeconds?: number | null;
  /** What was predicted of such a run by its graphs alone. */
  readonly price?: RunPrice;
  /** What it took, where the run was only tried out: then there is no result. */
  readonly probe?: ProbeFigures;
  readonly out: string;
  /** The folder with the adapter (LoRA) or with the model (full). */
  readonly result: string;
}

/** The run failed. The last event of the run; the process ends with the exit code that fits `code`. */
export interface ErrorEvent {
  readonly event: 'error';
  readonly code: string;
  readonly message: string;
  /** What to do next; empty when there is no advice. */
  readonly hint: string;
}
