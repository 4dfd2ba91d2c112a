/**
 * What the engine says while it works: one union of events, read by the command line, by `--json` (one event per
 * line) and by the app. It imports nothing, so that any process can read it without loading the engine.
 *
 * Order of a training run: `phase`* `start` (`step` | `eval` | `checkpoint` | `phase` | `warning`)* and then exactly one
 * of `done`, `stopped`, `error`. `warning` may come at any time. New fields may be added; none changes its meaning.
 */
export type EngineEvent =
  | PhaseEvent
  | StartEvent
  | StepEvent
  | EvalEvent
  | CheckpointEvent
  | WarningEvent
  | StoppedEvent
  | DoneEvent
  | ErrorEvent;

/** What the engine is busy with when it is not taking steps. */
export type Phase = 'read' | 'tokenize' | 'load' | 'compile' | 'resume' | 'evaluate' | 'save' | 'export';

/** Work on something other than steps has begun or advanced. */
export interface PhaseEvent {
  readonly event: 'phase';
  readonly phase: Phase;
  /** From 0 to 1 where the end is known. */
  readonly fraction?: number;
  /** A few plain words, such as a file's name. */
  readonly detail?: string;
}

/** The facts of a run, sent once, before its first step. */
export interface StartEvent {
  readonly event: 'start';
  /** Folder or file of the model, as given. */
  readonly model: string;
  /** Model family, such as `llama`. */
  readonly family: string;
  readonly method: 'lora' | 'full';
  /** Where results go. */
  readonly out: string;
  /** Weights of the model, and those that training changes. */
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Rows trained on, and rows held out for evaluation. */
  readonly rows: number;
  readonly heldOutRows: number;
  /** Tokens of one epoch without padding, and those of them that the loss counts. */
  readonly tokens: number;
  readonly labelledTokens: number;
  /** Rows that were skipped as unreadable, and rows that were cut off at the maximal length. */
  readonly skippedRows: number;
  readonly truncatedRows: number;
  /** Optimizer steps of the whole run, and how many of them an earlier part has done already. */
  readonly steps: number;
  readonly stepsDone: number;
  readonly executor: string;
  /** The device in words, such as `CPU, 8 threads`. */
  readonly device: string;
}

/** One optimizer step has been taken. */
export interface StepEvent {
  readonly event: 'step';
  /** Counted from 1. */
  readonly step: number;
  readonly steps: number;
  /** Passes over the data so far, with a fraction. */
  readonly epoch: number;
  /** Mean loss over the step's labelled tokens, in nats. */
  readonly loss: number;
  /** Global L2 norm of the gradient before clipping. */
  readonly gradNorm: number;
  readonly learningRate: number;
  /** Real tokens that went through the model in this step (prompts included, padding not). */
  readonly tokens: number;
  /** The same per second, averaged over recent steps. */
  readonly tokensPerSecond: number;
  readonly stepMs: number;
  /** Resident memory of the engine's process now. */
  readonly rssBytes: number;
  /** Estimate for the rest of the run, evaluations included; null before it can be estimated. */
  readonly secondsLeft: number | null;
}

/** The held-out part has been evaluated. */
export interface EvalEvent {
  readonly event: 'eval';
  /** Steps taken before this evaluation; 0 is the model before training. */
  readonly step: number;
  /** Mean over labelled tokens, in nats, and its exponential. */
  readonly loss: number;
  readonly perplexity: number;
  readonly labelledTokens: number;
  /** Whether this is the lowest held-out loss of the run so far. */
  readonly best: boolean;
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

/** The run has ended by itself and its result is written. The last event of the run. */
export interface DoneEvent {
  readonly event: 'done';
  readonly steps: number;
  /** Why it ended: all steps taken, or the held-out loss no longer fell. */
  readonly reason: 'finished' | 'early-stopping';
  /** Real tokens that went through the model in training (prompts included, padding not). */
  readonly trainedTokens: number;
  /** `trainedTokens` over the time spent in training steps. */
  readonly trainedTokensPerSecond: number;
  /** From the start of the process to the end of its first step; null when no step was left to take. */
  readonly secondsToFirstStep: number | null;
  /** Highest resident memory of the engine's process. */
  readonly peakRssBytes: number;
  /** Mean training loss of the last step. */
  readonly finalLoss: number | null;
  /** Held-out loss of the result that was written, and of the model before training; null without a held-out part. */
  readonly heldOutLoss: number | null;
  readonly heldOutLossBefore: number | null;
  /** The step whose weights were written. */
  readonly bestStep: number;
  /** Length of the run, in seconds, with loading and evaluation. */
  readonly seconds: number;
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

/** What a run will do and take, before it begins: computed from its rows and from the graph that will run. */
export interface RunPlan {
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly rows: number;
  readonly heldOutRows: number;
  /** Tokens of an epoch, and those of them that the loss counts. */
  readonly tokens: number;
  readonly labelledTokens: number;
  readonly steps: number;
  /** Packed rows of a micro-batch, and tokens of each. */
  readonly rowsPerBatch: number;
  readonly rowLength: number;
  /** Bytes of frozen weights, of what is trained with its optimizer, and of the values of a step at their peak. */
  readonly weightBytes: number;
  readonly stateBytes: number;
  readonly workingBytes: number;
  /** Floating point operations of one micro-batch. */
  readonly flopsPerBatch: number;
}

/** The result of `fettle eval`. */
export interface EvalResult {
  /** Mean over labelled tokens, in nats, and its exponential. */
  readonly loss: number;
  readonly perplexity: number;
  readonly labelledTokens: number;
  /** Rows read, and tokens without padding. */
  readonly rows: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly skippedRows?: number;
  readonly truncatedRows?: number;
  readonly peakRssBytes?: number;
}

/** The result of `fettle generate`. */
export interface GenerateResult {
  readonly text: string;
  readonly ids: readonly number[];
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly tokensPerSecond: number;
  /** `end`: the model ended its answer; `length`: the limit of new tokens; `stopped`: by the user. */
  readonly stopReason: 'end' | 'length' | 'stopped';
}

/** The result of `fettle inspect`. */
export interface InspectResult {
  readonly path: string;
  readonly format: 'safetensors' | 'gguf';
  readonly family: string;
  /** Facts of the configuration in the order to show them, such as `layers: 30`. */
  readonly config: Readonly<Record<string, number | string | boolean | null>>;
  readonly parameters: number;
  /** Tensors, weights and bytes for each dtype or block format. */
  readonly dtypes: readonly { dtype: string; tensors: number; parameters: number; bytes: number }[];
  readonly files: readonly { path: string; bytes: number }[];
  readonly tensors: readonly { name: string; dtype: string; shape: readonly number[] }[];
  readonly tokenizer: { kind: string; vocabSize: number; bos: string | null; eos: string | null } | null;
  /** Why a tokenizer that is there cannot be used. */
  readonly tokenizerProblem?: string;
  /** The chat template's Jinja source. */
  readonly template: string | null;
  readonly licence: string | null;
}

/** What a parent process sends to an engine process; `Config` is the configuration of a training run. */
export type EngineCommand<Config> =
  | {
      readonly command: 'train';
      readonly config: Config;
      readonly resume: boolean;
      /** When the person asked for the run, in milliseconds since 1970. */
      readonly startedAt: number;
    }
  | { readonly command: 'stop' };

/** What an engine process sends: its events, or how its job failed. */
export type EngineReply =
  | { readonly event: EngineEvent }
  | {
      readonly failed: {
        /** The code of an error that a person can act on; null for a bug. */
        readonly code: string | null;
        readonly message: string;
        readonly hint: string;
        readonly stack: string;
      };
    };
