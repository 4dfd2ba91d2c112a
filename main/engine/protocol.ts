/**
 * What the engine says while it works: one union of events, read by the command line, by `--json` (one event per
 * line) and by the app. It imports nothing, so that any process can read it without loading the engine.
 *
 * Order of a training run: `phase`* `start` (`step` | `eval` | `sample` | `checkpoint` | `phase` | `warning`)*, `assessment` where the
 * run is assessed, and then exactly one of `done`, `stopped`, `error`. `warning` may come at any time. After a `rescue` all of it begins anew. New fields may be added; none changes its meaning.
 */
export type EngineEvent =
  | PhaseEvent
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
  | 'compile'
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
  /** Why it was chosen, where that was left to Fettle. */
  readonly deviceWhy?: string;
  /** Places for tokens that go through the model at once, and the fewest that a split of the micro-batches can come down to. */
  readonly tokensAtOnce?: number;
  readonly leastTokensAtOnce?: number;
  /** SHA-256 of the rows (of several sources: joined by commas), and the key of the model's files. */
  readonly dataHash?: string;
  readonly modelHash?: string;
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

/** The trained model has been compared with the untouched one. */
export interface AssessmentEvent {
  readonly event: 'assessment';
  /** The verdict in one sentence. */
  readonly sentence: string;
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
  /** What was foretold of such a run by its graphs alone. */
  readonly price?: RunPrice;
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
/** A matrix product [batch, rows, inner] x [batch, inner, columns]; `transposed` is the operand that lies the other way round. */
export interface Product {
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposed?: 'first' | 'second';
}

/** What one run of a graph does. */
export interface Work {
  readonly products: readonly (Product & { readonly count: number })[];
  /**
   * Bytes read and written by all else, by the size of the results (a power of two). Strided: what goes through its operand in
   * steps or row by row, such as a transposition, which is slower for each byte.
   */
  readonly moved: readonly {
    readonly operandBytes: number;
    readonly bytes: number;
    readonly strided?: true;
  }[];
  /** Results of exponentials and their like. */
  readonly exponentials: number;
  readonly nodes: number;
  /** Bytes of the results that are handed over, and how many programs run for it; missing in prices of before they were counted. */
  readonly outputBytes?: number;
  readonly runs?: number;
}

/** What a run holds in memory besides the program and the frozen weights, in bytes. */
export interface StepMemory {
  /** Trained values, their gradients, and what the optimizer keeps of them. */
  readonly trainedBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  /** On a device: new values of a group of parameters, which an update has beside the old ones, as it has moments. Missing in old prices. */
  readonly updateBytes?: number;
  /** Values of a step that are alive at its peak: of the layers, and of the head and its loss. */
  readonly activationBytes: number;
  readonly logitBytes: number;
  /** What the allocator holds beyond them, and the compiled graphs. */
  readonly heapBytes: number;
  readonly sessionBytes: number;
  /** How often the frozen weights are mapped: by training, by evaluation, by the samples. They exist once. */
  readonly mappings: number;
}

/** What a run has to do. */
export interface StepWork {
  /** A micro-batch; the update of all trained values; a batch of held-out rows. */
  readonly gradient: Work;
  readonly update: Work;
  readonly updateRuns: number;
  /** How many times as long an update takes as a plain one of AdamW; 1 where it is left out. */
  readonly updateFactor?: number;
  readonly evaluation: Work | null;
  /** Micro-batches of a step. */
  readonly batchesPerStep: number;
  readonly evaluationBatches: number;
  readonly evaluations: number;
  /** Tokens of a batch of held-out rows. */
  readonly evaluationTokens: number;
  /** Tokens that the assessment at the end reads, or the like of it, at least and at most: it asks for no longer than the training took. */
  readonly assessmentTokens: readonly [least: number, most: number] | null;
  /** Bytes that the run writes: checkpoints, the best weights, the result. */
  readonly writtenBytes: number;
}

/** What a run holds and does, from its graphs alone. */
export interface RunPrice {
  readonly executor: string;
  /** `cpu` where it is missing, as in runs of before there were others. */
  readonly device?: string;
  readonly threads: number;
  /** Frozen weights in float32, mapped from their files. */
  readonly weightBytes: number;
  readonly memory: StepMemory;
  readonly work: StepWork;
  readonly steps: number;
}

/** A run whose rows are not there: a model, the settings that matter, and rows that are all alike. */
export interface PriceCase {
  /** The contents of a config.json, or where a model lies on this computer; of that only the headers are read. */
  readonly model: { readonly config: Readonly<Record<string, unknown>> } | { readonly path: string };
  /** Of a run, by the names of its configuration; the rest as a run has it. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** So many rows of that many tokens each, of which the loss counts some. */
  readonly rows: { readonly count: number; readonly tokens: number; readonly labelled: number };
}

/** The price of such a run. */
export interface CasePrice extends RunPrice {
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Packed rows of a micro-batch, and tokens of each. */
  readonly rowsPerBatch: number;
  readonly rowLength: number;
}

/** The rows of a run, before anything is priced. */
export interface RowFacts {
  readonly rows: number;
  readonly heldOutRows: number;
  /** Tokens of an epoch, and those of them that the loss counts. */
  readonly tokens: number;
  readonly labelledTokens: number;
  /** Tokens that the model reads at once. */
  readonly contextLength?: number;
  /** Whether the model's files hold most of its weights in 16 bits. */
  readonly isHalved?: boolean;
  /** How long the rows are before they are cut; null or missing where that was not counted. */
  readonly lengths?: LengthProfile | null;
}

export interface RunPlan extends RunPrice, RowFacts {
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Packed rows of a micro-batch, and tokens of each. */
  readonly rowsPerBatch: number;
  readonly rowLength: number;
  /** Bytes of what is trained with its optimizer, and of the values of a step at their peak. */
  readonly stateBytes: number;
  readonly workingBytes: number;
  /** Floating point operations of one micro-batch. */
  readonly flopsPerBatch: number;
}

/**
 * How long the rows are that are cut at a limit, by bins of `binTokens`: enough to tell exactly what a limit that is a multiple
 * of it would cut off. Running text is divided and loses nothing, so it is counted apart.
 */
export interface LengthProfile {
  readonly binTokens: number;
  /** Rows by the bin of their last token. */
  readonly rows: readonly number[];
  /** Tokens of all rows by the bin that they stand in, and those of them that the loss counts. */
  readonly tokens: readonly number[];
  readonly labelled: readonly number[];
  readonly longest: number;
  readonly texts: number;
  readonly textTokens: number;
  readonly longestText: number;
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
  /** What rounding would change, matrix by matrix; where it was asked for. */
  readonly rounding?: readonly RoundingError[];
}

/** How far a matrix moves when it is rounded: the root of the mean square of the change over that of the weights. */
export interface RoundingError {
  readonly name: string;
  readonly weights: number;
  readonly bits8: number;
  /** Null for the embedding and the output head, which are kept in 8 bits. */
  readonly bits4: number | null;
  /** The same for NF4. */
  readonly nf4: number | null;
}

/** A figure with the bounds between which the true one lies in 95 of 100 cases. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What the rows teach, as their answers show; `text` is running text without answers. */
export type TaskKind = 'label' | 'json' | 'short' | 'free' | 'text';

/** `unknown`: too little was measured to tell. */
export type Learned = 'yes' | 'partly' | 'no' | 'unknown';
export type Forgot = 'nothing' | 'little' | 'much' | 'unknown';

/** The rules are in docs/verdict.md. */
export interface Verdict {
  readonly learned: Learned;
  readonly forgot: Forgot;
  /** Null where reciting cannot be told from knowing, as with labels. */
  readonly memorised: boolean | null;
  /** Whether the untouched model does as well with a system prompt or a few examples in its prompt. */
  readonly promptingIsEnough: boolean;
  readonly sentence: string;
  /** More that a person should know, a sentence each. */
  readonly remarks: readonly string[];
}

/** Who answered: the untouched model, the same with a system prompt or with examples in its prompt, the trained model. */
export type Variant = 'before' | 'system' | 'examples' | 'after';

/** Loss and perplexity on a set of rows, means over labelled tokens. */
export interface LossFigures {
  readonly rows: number;
  readonly labelledTokens: number;
  readonly before: Estimate;
  readonly after: Estimate;
  readonly perplexityBefore: Estimate;
  readonly perplexityAfter: Estimate;
  /** After minus before, on the same rows. */
  readonly change: Estimate;
}

/** How one variant answered. Scores that mean nothing for the kind of task are absent. */
export interface VariantScores {
  readonly variant: Variant;
  readonly rows: number;
  /** Rows right: exact match, or for JSON every field right. */
  readonly right?: Estimate;
  /** Rows with the right label: the answer, or the label field of a JSON answer. */
  readonly labelRight?: Estimate;
  readonly validJson?: Estimate;
  /** Share of the rows in which a field is right, by field. */
  readonly fields?: Readonly<Record<string, Estimate>>;
  /** Mean chrF2 of the rows, 0 to 1. */
  readonly chrf?: Estimate;
  /** Characters of the answers over those of the wanted answers. */
  readonly lengthRatio?: number;
  /** Of the score that the verdict uses, the trained model minus this variant on the rows that both answered. */
  readonly gain: Estimate;
}

/** Rows by wanted label and given label; the last column counts answers that are no label. */
export interface Confusion {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** A held-out row with its answers. */
export interface AnsweredRow {
  readonly prompt: string;
  readonly wanted: string;
  readonly answers: Readonly<Partial<Record<Variant, string>>>;
  /** The score that the verdict uses, 0 to 1. */
  readonly scores: Readonly<Partial<Record<Variant, number>>>;
}

export interface AnswerFigures {
  readonly rows: number;
  /** Which score the verdict uses. */
  readonly score: 'right' | 'chrf';
  readonly variants: readonly VariantScores[];
  /** Why a baseline is missing. */
  readonly missing: readonly string[];
  readonly confusion: { readonly before: Confusion; readonly after: Confusion } | null;
  /** The system prompt of that baseline, and the number of examples of the other. */
  readonly systemPrompt: string;
  readonly examples: number;
  readonly maxNewTokens: number;
  readonly answered: readonly AnsweredRow[];
}

export interface MemorisationFigures {
  /** Mean loss of the trained model on rows that it was trained on, and on held-out rows. */
  readonly trainingLoss: Estimate;
  readonly heldOutLoss: Estimate;
  /** What the answers to training prompts share with the training answers; null where that means nothing. */
  readonly overlap: {
    readonly rows: number;
    /** Share of answers that are the wanted ones to the letter, on training and on held-out prompts. */
    readonly exactTraining: Estimate;
    readonly exactHeldOut: Estimate;
    /** Longest run of words shared with the wanted answer, as a share of it. */
    readonly runTraining: Estimate;
    readonly runHeldOut: Estimate;
  } | null;
  readonly memorised: boolean | null;
  readonly note: string;
}

/** Right answers of the general quiz, of one topic or in all. */
export interface QuizScore {
  readonly topic: string;
  readonly items: number;
  readonly before: Estimate;
  readonly after: Estimate;
}

/** A quiz item that was right before and is wrong now. */
export interface BrokenItem {
  readonly topic: string;
  readonly question: string;
  readonly accepted: readonly string[];
  readonly before: string;
  readonly after: string;
}

export interface ForgettingFigures {
  /** Where the material is from: bundled with Fettle, or shipped with the model. */
  readonly source: 'bundled' | 'model';
  readonly quiz: {
    readonly total: QuizScore;
    readonly topics: readonly QuizScore[];
    /** After minus before, as a difference of rates. */
    readonly change: Estimate;
    readonly broke: readonly BrokenItem[];
    /** Items that were wrong before and are right now. */
    readonly mended: number;
  } | null;
  readonly passages: LossFigures | null;
  readonly passageTopics: readonly {
    readonly topic: string;
    readonly before: number;
    readonly after: number;
  }[];
}

/** A ready configuration that forgets less. */
export interface Remedy {
  readonly name: string;
  readonly why: string;
  /** A complete run.json for `fettle train --config`. */
  readonly file: string;
}

/** The result of `fettle assess`, and what is in a run's assessment.json. */
export interface AssessResult {
  readonly version: 1;
  readonly run: string;
  readonly model: string;
  readonly method: 'lora' | 'qlora' | 'full';
  /** When it was made (ISO 8601), how long that took, and how long the training had taken. */
  readonly created: string;
  readonly seconds: number;
  readonly trainingSeconds: number | null;
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the rows, and the key of the untouched model's files. */
  readonly dataHash: string;
  readonly modelKey: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly task: { readonly kind: TaskKind; readonly reason: string; readonly labelField: string | null };
  readonly verdict: Verdict;
  readonly loss: LossFigures | null;
  readonly answers: AnswerFigures | null;
  readonly memorisation: MemorisationFigures | null;
  readonly forgetting: ForgettingFigures | null;
  readonly remedies: readonly Remedy[];
  /** What was scaled down or left out, and why. */
  readonly notes: readonly string[];
  /** Path of the HTML report. */
  readonly report: string;
}

/** The result of `fettle compare`, and what is in a run's blind.json. */
export interface CompareResult {
  readonly run: string;
  readonly seed: number;
  /** Pairs that were judged, and what was preferred. */
  readonly judged: number;
  readonly after: number;
  readonly before: number;
  readonly equal: number;
  /** Share of the decided pairs in which the trained model's answer was preferred. */
  readonly preferred: Estimate;
  /** Two-sided p-value of the sign test. */
  readonly signTest: number;
  readonly sentence: string;
  readonly pairs: readonly {
    readonly prompt: string;
    readonly before: string;
    readonly after: string;
    readonly choice: 'before' | 'after' | 'equal';
  }[];
}

/** How an export was proved: loaded back from the disk, it answered the same prompts as the trained model. */
export interface ExportProof {
  /** What loaded it: llama.cpp, or Fettle's own engine. */
  readonly by: 'llama.cpp' | 'fettle';
  /** Where the prompts are from. */
  readonly promptSource: 'held-out rows' | 'rows' | 'neutral texts';
  readonly prompts: number;
  readonly equalAnswers: number;
  /** New tokens that were compared. */
  readonly tokens: number;
  /** The earliest new token, counted from 1, at which an answer parts; null where none does. */
  readonly firstDifference: number | null;
  /** Largest difference in log-probability of next tokens that the trained model gives at least 0.1 %. */
  readonly maxLogProbDrift: number;
  /** Awkward texts that were tokenised, and those of them that gave the same tokens. */
  readonly tokenizerTexts: number;
  readonly tokenizerAgrees: number;
  /** Tensors that were read back and are what was written. */
  readonly tensors: number;
}

/** The result of `fettle export`. */
export interface ExportResult {
  readonly as: 'peft' | 'safetensors' | 'gguf';
  readonly adapterOnly: boolean;
  readonly type: string;
  /** The folder or the .gguf file, as asked for. */
  readonly out: string;
  /** Every file that was written, and the bytes of all. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** The name under which it introduces itself. */
  readonly name: string;
  readonly proof: ExportProof;
  /** The same in a sentence. */
  readonly proved: string;
  /** What a person should know. */
  readonly notes: readonly string[];
  /** Commands that use it, each with a few words. */
  readonly next: readonly { readonly about: string; readonly command: string }[];
  readonly seconds: number;
}

/** A place in the data and what stands there: one line, secrets masked. */
export interface DoctorExample {
  /** What a person finds the row by, such as `rows.jsonl:12`. */
  readonly where: string;
  readonly text: string;
  /** The row that this one is to be compared with: its copy, its other answer. */
  readonly beside?: { readonly where: string; readonly text: string };
}

/** What a fix would do to one row; `after` is null where the row is left out. */
export interface DoctorPreview {
  readonly where: string;
  readonly before: string;
  readonly after: string | null;
}

/** One thing that is wrong with the data. */
export interface DoctorFinding {
  readonly code: string;
  readonly title: string;
  readonly severity: 'harm' | 'warning' | 'note';
  readonly rows: number;
  /** `rows` over all readable rows (over all rows for unreadable ones). */
  readonly share: number;
  readonly why: string;
  /** The facts of this file in a sentence or two; empty where there are none. */
  readonly detail: string;
  readonly examples: readonly DoctorExample[];
  readonly fix: {
    /** What `--fix` calls it. */
    readonly name: string;
    readonly does: string;
    /** Whether `--fix all` includes it. */
    readonly safe: boolean;
    /** Another fix of the same finding; never part of `all`. */
    readonly instead?: { readonly name: string; readonly does: string };
    readonly preview: readonly DoctorPreview[];
  } | null;
}

/** What fixes have done, or with `--preview` would do. */
export interface DoctorRepair {
  /** The new file and the file that undoes it; null for a preview. */
  readonly out: string | null;
  readonly undo: string | null;
  /** Rows of the new file, those of them that were changed, and rows that were left out (unreadable ones not counted). */
  readonly keptRows: number;
  readonly changedRows: number;
  readonly droppedRows: number;
  readonly unreadableRows: number;
  readonly fixes: readonly { readonly name: string; readonly changed: number; readonly dropped: number }[];
}

/** What `fettle data check` prints: the findings, worst first, and what was seen of the rows. */
export interface DoctorReport {
  readonly files: readonly string[];
  readonly rows: number;
  readonly unreadable: number;
  readonly findings: readonly DoctorFinding[];
  /** What the reader decided: encodings, the meaning of columns. */
  readonly notes: readonly string[];
  readonly lengths: {
    /** Whether a model's tokenizer counted the tokens, or they are estimated from the characters. */
    readonly counted: boolean;
    readonly tokens: number;
    readonly median: number;
    readonly most: number;
    /** Rows with at most `upTo` tokens and more than the entry before. */
    readonly histogram: readonly { readonly upTo: number; readonly rows: number }[];
  };
  /** Values of answers that are labels, by field (null: the whole answer), most rows first. */
  readonly labels: readonly {
    readonly field: string | null;
    readonly values: readonly { readonly value: string; readonly rows: number }[];
  }[];
  readonly repair: DoctorRepair | null;
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** What `fettle data undo` has put back. */
export interface DoctorUndo {
  readonly out: string;
  /** Rows of the restored file, and those of them that the fixes had changed or left out. */
  readonly rows: number;
  readonly restoredRows: number;
  /** Rows that could not be read, which only the original file has. */
  readonly unreadableRows: number;
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
  | { readonly command: 'stop' }
  /** Ends the training now as early stopping does: the best weights are written, the run is assessed. */
  | { readonly command: 'finish' }
  /** Any other work; several calls may be under way, told apart by `id`. */
  | { readonly command: 'call'; readonly id: number; readonly name: EngineCallName; readonly input: unknown }
  | { readonly command: 'cancel'; readonly id: number };

/** What an engine process can be asked for besides training. */
export type EngineCallName =
  | 'look'
  | 'preview'
  | 'check'
  | 'undo'
  | 'inspect'
  | 'plan'
  | 'planRows'
  | 'prices'
  | 'bench'
  | 'generate'
  | 'close'
  | 'blind'
  | 'judge'
  | 'parseRun'
  | 'parseExport'
  | 'parseAssess'
  | 'settings'
  | 'assess'
  | 'export';

/** How a job failed. */
export interface EngineFailure {
  /** The code of an error that a person can act on; null for a bug. */
  readonly code: string | null;
  readonly message: string;
  readonly hint: string;
  readonly stack: string;
}

/** What a call sends before its result: an event, a piece of a text, or how far a benchmark is. */
export type CallEvent = EngineEvent | { readonly text: string } | BenchProgress;

/** How far a benchmark is, from 0 to 1, and what it measures now, in words. */
export interface BenchProgress {
  readonly fraction: number;
  readonly doing: string;
}

/** Floating point operations a second of a matrix product [rows, inner] x [inner, columns], as the executor runs it. */
export interface MatmulRate {
  readonly type: 'float32' | 'int8' | 'int4';
  /** How many such products at once (attention's heads); 1: a single one. */
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** The operand that lies transposed in memory, as in the backward pass and in attention; neither where it is left out. */
  readonly transposed?: 'first' | 'second';
  readonly flops: number;
}

/** What a benchmark measured on one device through one executor, with as many threads as a training uses. */
export interface DeviceRates {
  /** `cpu` for the processor. */
  readonly device: string;
  readonly executor: string;
  readonly threads: number;
  readonly matmul: readonly MatmulRate[];
  /** Bytes read and written a second by element-wise operations, for operands of `bytes`. */
  readonly elementwise: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
  /** The same for a transposition of heads; missing in reports of before it was measured, as are the last three figures. */
  readonly strided?: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
  /** Elements a second of a softmax over rows as attention has them. */
  readonly softmaxElements: number;
  /** Seconds that a node costs whatever its size. */
  readonly nodeSeconds: number;
  /** Seconds that a run costs which does next to nothing. */
  readonly runSeconds?: number;
  /** Bytes of results a second that a run hands over. */
  readonly outputBytesPerSecond?: number;
  /** Trained weights a second that AdamW updates. */
  readonly updatedWeights?: number;
  /** Of graphics cards: when it was measured (ISO 8601), and the names of the cards that were there then. */
  readonly measured?: string;
  readonly cards?: readonly string[];
}

/** What a benchmark found on all devices, of the memory and of the disk. */
export interface MeasuredRates {
  readonly devices: readonly DeviceRates[];
  /** Bytes read and written a second by a copy far larger than any cache, on all threads. */
  readonly memoryBytesPerSecond: number;
  /** null where the disk has no room for the file, or cannot be written. */
  readonly diskBytesPerSecond: number | null;
  /** Whether those bytes came from the disk, or may have come from the system's cache, which cannot be passed by everywhere. */
  readonly diskReadFrom?: 'disk' | 'cache';
}

/**
 * What an engine process sends: the events of a training or how it failed, the same for a call with its `id`, and a
 * sign of life every two seconds, which a long computation holds up.
 */
export type EngineReply =
  | { readonly event: EngineEvent }
  | { readonly failed: EngineFailure }
  | { readonly id: number; readonly event: CallEvent }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failed: EngineFailure }
  | { readonly beat: { readonly rssBytes: number } };

/** A turn of a conversation. */
export interface ChatTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a data file turned out to be; the last six are null or empty where no row could be looked at. */
export interface DataFileFound {
  readonly path: string;
  readonly format: string;
  /** What its rows are, such as `question-answer`, and the `--map` that says the same (null: each row by its own shape). */
  readonly kind: string | null;
  readonly map: string | null;
  readonly reason: string | null;
  /** From 0 to 1. */
  readonly confidence: number | null;
  readonly alternatives: readonly {
    readonly kind: string;
    readonly map: string;
    readonly confidence: number;
  }[];
  /** `filled`: the share of the looked at rows that have a value there. */
  readonly columns: readonly { readonly name: string; readonly filled: number; readonly example: string }[];
}

/** The result of `fettle data show`. */
export interface DataShowResult {
  readonly files: readonly (DataFileFound & { readonly rows: number; readonly badRows: number })[];
  /** Rows that can be trained on, and those that cannot, over all files. */
  readonly rows: number;
  readonly badRows: number;
  /** What is wrong with the first five bad rows. */
  readonly problems: readonly string[];
  /** What was decided while reading: the encoding, the sheet, which columns are what. */
  readonly notes: readonly { readonly code: string; readonly message: string }[];
  /** The first three rows as a model gets them. */
  readonly first: readonly {
    readonly where: string;
    readonly kind: 'chat' | 'completion' | 'text';
    readonly turns: readonly { readonly role: string; readonly content: string }[];
    /** Turns at the start that are never trained on. */
    readonly contextTurns: number;
  }[];
}
