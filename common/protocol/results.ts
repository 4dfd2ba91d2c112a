/** The results of jobs that are no training, as the command line prints them with `--json` and the app shows them. */
import type { Accuracy, Estimate, MixedRow } from './assess.ts';
import type { StartEvent } from './events.ts';

/** What was written for a training elsewhere, and the model's files that belong beside it. */
export interface BundleFacts {
  /** The facts of the run, but for where it is computed. */
  readonly start: StartEvent;
  /** Null where the other computer downloads it. `key`: equal for equal files. */
  readonly model: {
    readonly key: string;
    readonly folder: string;
    readonly files: readonly { readonly name: string; readonly bytes: number }[];
  } | null;
}

/** The result of `fettle eval`. */
export interface EvalResult {
  /** Mean over labelled tokens, in nats, and its exponential. */
  readonly loss: number;
  readonly perplexity: number;
  /** Of texts that are sorted, the share in the right category. */
  readonly accuracy?: number;
  /** Where products were in 8 bits. */
  readonly precision?: 'int8';
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
/** What a chat template has a place for beside questions and answers. */
export type Skill = 'tools' | 'thinking';

export interface InspectResult {
  readonly path: string;
  readonly format: 'safetensors' | 'gguf';
  readonly family: string;
  /** An encoder, which reads texts and writes none. */
  readonly reads?: true;
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
  readonly skills: readonly Skill[];
  readonly licence: string | null;
  /** What rounding would change, matrix by matrix; where it was asked for. */
  readonly rounding?: readonly RoundingError[];
}

/** How far a matrix moves when it is quantised: the root of the mean square of the change over that of the weights. */
export interface RoundingError {
  readonly name: string;
  readonly weights: number;
  readonly bits8: number;
  /** Null for the embedding and the output head, which are kept in 8 bits. */
  readonly bits4: number | null;
  /** The same for NF4. */
  readonly nf4: number | null;
}

/** How an export was proved: loaded back from the disk, it answered the same prompts as the trained model. */
export interface ExportProof {
  /** What loaded it: another program, or Fettle's own engine. */
  readonly by: 'llama.cpp' | 'onnxruntime' | 'sort.mjs' | 'fettle';
  /** Where the prompts are from. */
  readonly promptSource: 'held-out rows' | 'rows' | 'neutral texts';
  readonly prompts: number;
  /** Whether the prompts are texts to sort, and answers their categories. */
  readonly sorts?: true;
  /** Of an encoder the least similarity of a text's two vectors; without categories, answers are vectors that are the same. */
  readonly leastCosine?: number;
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
  readonly as: 'peft' | 'safetensors' | 'gguf' | 'onnx' | 'json';
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
  /** What to choose instead, where the type of weights changes answers too much. */
  readonly warning?: string;
  /** What a person should know. */
  readonly notes: readonly string[];
  /** Commands that use it, each with a few words. */
  readonly next: readonly { readonly about: string; readonly command: string }[];
  readonly seconds: number;
}

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
  /** Where a text can have several categories: in one sentence, and the column that may be read as one category instead. */
  readonly several?: { readonly words: string; readonly column: string | null };
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
    /** The turns of a worse answer, and whether a rated one was found good. */
    readonly rejected?: readonly { readonly role: string; readonly content: string }[];
    readonly rated?: boolean;
  }[];
}

/** A row exactly as the model sees it: pieces of its text in order, each a run of tokens with one fate. */
export interface RowPreview {
  /** The same question with the worse answer, where there is one. */
  readonly worse?: Omit<RowPreview, 'worse' | 'systemFolded' | 'toolsFolded'>;
  readonly where: string;
  readonly tokens: number;
  readonly trainedTokens: number;
  /** Tokens that the length limit cuts off. */
  readonly cutTokens: number;
  /** Whether its instructions stand before the first question, because the model has no place of their own for them. */
  readonly systemFolded: boolean;
  /** Whether its tools stand in the instructions and its calls are text, for the same reason. */
  readonly toolsFolded: boolean;
  readonly pieces: readonly {
    readonly text: string;
    /** Whether the loss counts it. */
    readonly trained: boolean;
    readonly cut: boolean;
    readonly tokens: readonly { readonly id: number; readonly text: string }[];
  }[];
}

/** The table as it is in a file: the first rows before anything is read into them. */
export interface RawTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A turn of a row as a person writes it. */
export interface EditedTurn {
  readonly role: string;
  readonly content: string;
}

/** A row that a person can change; `turns` are cut where one of them is too long for that. */
export interface EditableRow {
  /** Counted from 0 over the rows that can be read. */
  readonly number: number;
  readonly kind: 'chat' | 'completion' | 'text';
  readonly turns: readonly EditedTurn[];
  readonly isLong: boolean;
  /** Which of the rows that it was asked to be like. */
  readonly like?: number;
}

/** Which rows are wanted: `count` from the one numbered `from`; of `like` only those that say the same as one of these. */
export interface EditableAsked {
  readonly from: number;
  readonly count: number;
  readonly like?: readonly Pick<MixedRow, 'text' | 'answer'>[] | undefined;
}

export interface EditableRows {
  readonly rows: readonly EditableRow[];
  /** Of all that can be read; null where they were not counted. */
  readonly total: number | null;
}

/** What a person changed: rows with other turns, or null for those that go, and new ones for the end. */
export interface RowEdits {
  readonly changes: readonly { readonly row: number; readonly turns: readonly EditedTurn[] | null }[];
  readonly added: readonly Pick<EditableRow, 'kind' | 'turns'>[];
}

export interface EditedRows {
  readonly path: string;
  readonly rows: number;
  /** Rows of the files that could not be read, and so are not in the copy. */
  readonly unreadable: number;
}

/** How far the scores of a model's categories can be believed, measured on test rows. */
export interface Calibration {
  /** Of the test rows: the same figure as in the run's verdict. */
  readonly accuracy: Accuracy;
  /** Mean over the categories of F1. */
  readonly macroF1: number;
  /** By which log-probabilities are divided before they are scores; 1 where the fitted one is not used. */
  readonly temperature: number;
  /** The one that fits the test rows best, the limit that the fit ran into, and whether it is used: where it makes scores truer. */
  readonly fitted: number;
  readonly limit: 'lowest' | 'highest' | null;
  readonly used: boolean;
  /** Expected calibration error without a temperature, and with those of rows other than the measured ones. */
  readonly errorBefore: number;
  readonly errorAfter: number;
  /** From which score on at least 95 % were right, the share of rows there, and the share that was right; null where there is none. */
  readonly sure: { readonly score: number; readonly share: number; readonly right: number } | null;
  /** [truth][answer] rows. */
  readonly counts: readonly (readonly number[])[];
  /** Confused categories, the most frequent first. */
  readonly confused: readonly ConfusedPair[];
}

export interface ConfusedPair {
  readonly truth: string;
  readonly given: string;
  readonly rows: number;
}

/** A row with its category. */
export interface ScoredRow {
  /** Its number in the file, from 1. */
  readonly row: number;
  /** The name of the file, where there are several. */
  readonly file?: string;
  /** What it asks, cut where it is long. */
  readonly text: string;
  readonly category: string;
  readonly score: number;
  /** Below the threshold: a person is to look at it. */
  readonly asks: boolean;
  /** Words that decided, the strongest first: by word counts, or on request by vectors. */
  readonly words?: readonly string[];
  /** What the further columns of a sorter got. */
  readonly others?: readonly {
    readonly column: string;
    readonly category: string;
    readonly score: number;
    readonly asks: boolean;
  }[];
}

/** What a sorter of several columns gave one of them. */
export interface ScoredColumn {
  /** Of the column, or of several categories. */
  readonly name: string;
  readonly unsure: number;
  readonly threshold: number;
  readonly accuracy: Accuracy | null;
}

export interface ClassifyResult {
  readonly labels: readonly string[];
  readonly calibration: Calibration;
  /** Of a sorter of several columns. */
  readonly columns?: readonly SorterColumn[];
  readonly sets?: readonly SorterSet[];
  /** Of the rows that were given; null where none were. */
  readonly scored: {
    readonly rows: number;
    /** Rows below the threshold, for a person to look at. */
    readonly unsure: number;
    readonly threshold: number;
    readonly tooLong: number;
    readonly unreadable: number;
    /** Where rows name their category: of these. */
    readonly accuracy: Accuracy | null;
    /** It was stopped: the rows are the first of the files. */
    readonly stopped?: true;
    /** The first of them, to look at. */
    readonly first: readonly ScoredRow[];
    /** Of a sorter of several columns: each, the first one too. */
    readonly columns?: readonly ScoredColumn[];
  } | null;
  readonly out: string | null;
  readonly seconds: number;
}

/** Where the rows of a sorter come from, and how they are read. */
export interface SorterRows {
  readonly data: string | readonly string[];
  readonly evalData?: string | readonly string[];
  readonly map?: string;
  readonly promptTemplate?: string;
  readonly system?: string;
  readonly sheet?: string;
  readonly heldOut?: number;
  readonly seed?: number;
  /** The columns to fill, where there are several, as a person named them. */
  readonly answer?: readonly string[];
}

/** A way to sort that was tried: word counts, or a head on the vectors of an encoder. */
export interface SorterRung {
  readonly method: 'words' | 'vectors';
  /** The encoder's name; null for word counts. */
  readonly encoder: string | null;
  /** Which of its layers were trained; missing where it stays as it is. */
  readonly trained?: 'upper' | 'all';
  /** Right of training rows, each asked of a sorter that has not seen it. */
  readonly accuracy: Accuracy;
  /** This one minus the best before it, on the same rows; null for the first. */
  readonly gain: Estimate | null;
  /** Of trying it. */
  readonly seconds: number;
  /** Where the sorter lies below that of the best way, which is the run itself; missing where it was not kept. */
  readonly folder?: string;
}

/** Why no further way was tried. */
export interface LadderEnd {
  /**
   * The next one would likely bring too little, or too little for its time; no encoder lies on this computer; all were tried; a person
   * stopped it.
   */
  readonly reason: 'good-enough' | 'too-slow' | 'no-encoder' | 'all-tried' | 'stopped';
  /** The one that was not tried. */
  readonly encoder?: string;
  /** It was not trained; as it is it was tried. */
  readonly trains?: true;
  /** What it would likely bring, as a share of rows, and the seconds that it would take. */
  readonly gain?: number;
  readonly seconds?: number;
}

/** News of a sorter that is being trained: a way was tried; `isBest`: it is kept so far. */
export interface RungNews {
  readonly rung: SorterRung;
  readonly isBest: boolean;
}

/** What a column holds: one of named options, yes or no, or a grade on an ordered scale. */
export type ColumnType = 'choice' | 'noul' | 'score';

/** A column that a sorter fills. */
export interface ColumnKind {
  readonly name: string;
  readonly type: ColumnType;
  /** Of yes and no: the answer that means yes. */
  readonly yes?: string;
  /** Of a grade: its answers from the lowest to the highest. */
  readonly levels?: readonly string[];
  /** Of one of several categories of a text, which is a column of yes and no by its name: what all of them are called. */
  readonly of?: string;
}

/** Of the test rows: those that have a category, and how well it is found. */
export interface CategoryFigures {
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** How well several categories of each text are found. */
export interface SetScores {
  /** Texts of which all categories are right, and no others were given. */
  readonly exact: Estimate;
  /** F1 over all categories of all texts, and the mean of each category's. */
  readonly microF1: Estimate;
  readonly macroF1: Estimate;
}

/** Several categories a text: where they stand, and how well the test rows' were found. */
export interface SorterSet {
  /** Their column; of yes-or-no columns a word for all. */
  readonly name: string;
  /** As a file has them: the column, or of yes-or-no columns all of them (and no separator). */
  readonly columns: readonly string[];
  readonly separator: ';' | '|' | ',' | '\n' | 'list' | null;
  /** In the order of their columns of yes and no. */
  readonly categories: readonly string[];
  /** The probability of the whole set below which a person is asked; null where there is none. */
  readonly askBelow: number | null;
  readonly rows: number;
  readonly scores: SetScores;
  /** Ways that read nothing: no category at all, and always those that most rows have. */
  readonly beside: readonly (SetScores & { readonly given: readonly string[] })[];
  /** Categories that too few rows have to be learned. */
  readonly left: readonly { readonly category: string; readonly rows: number }[];
}

/** A column of a sorter of several, and how well it fills it. */
export interface SorterColumn extends ColumnKind {
  /** Where its sorter lies below that of the first column, which is the run itself (and has an empty one). */
  readonly folder: string;
  readonly accuracy: Accuracy;
  /** The score below which a person is asked; null where there is none. */
  readonly askBelow: number | null;
  /** Of one of several categories: from which probability on it is given, and how well that finds it. */
  readonly from?: number;
  readonly found?: CategoryFigures;
}

/** The run.json of a sorter. */
export interface SorterRun extends SorterRows {
  /** Where a text can have several categories, each of which is one of `columns`. */
  readonly sets?: readonly SorterSet[];
  /** Of a sorter of several columns: all of them. */
  readonly columns?: readonly SorterColumn[];
  readonly method: 'words' | 'vectors';
  /** What the history calls it: the encoder's name, or a word counter. */
  readonly model: string;
  /** The folder of the encoder. */
  readonly encoder?: string;
  /** What was tried, and why no more; missing where it was kept from a comparison, and in older ones. */
  readonly rungs?: readonly SorterRung[];
  readonly end?: LadderEnd;
  /** Whether it has learned the test rows as well, once they had judged one trained without them. */
  readonly learnedTests?: true;
  readonly out: string;
}

/** The result of `fettle sorter`. */
export interface SorterResult {
  readonly labels: readonly string[];
  readonly calibration: Calibration;
  /** Rows that it learned from; null for one that was kept from a run. */
  readonly taughtRows: number | null;
  readonly skippedRows: number;
  readonly config: SorterRun;
  readonly out: string;
  /** Of its files, with the encoder where that was trained. */
  readonly bytes: number;
  readonly seconds: number;
}

/** A category or field that would gain by more rows: its rows, and how many of them a sorter that has not seen them gets wrong. */
export interface CategoryGain {
  readonly answer: string;
  readonly rows: number;
  readonly wrong: number;
}

/** What a sorter would likely get right after learning from so many rows. */
export interface RowForecast {
  readonly rows: number;
  readonly accuracy: Estimate;
  /** Whether the interval is so narrow that its middle can be named: it likely lies within 5 points of what comes in. */
  readonly isClose: boolean;
}

/** What more rows would bring where they are sorted into categories, or fields of JSON are learned apart. */
export interface CurveResult {
  readonly method: 'words' | 'vectors';
  /** Name of the encoder that makes the vectors. */
  readonly encoder: string | null;
  /** How many there are; null for JSON answers that are no closed set. */
  readonly categories: number | null;
  /** Of such answers the fields whose values come back, which the forecast is of, and all others that vary; null for categories. */
  readonly fields: { readonly forecast: readonly string[]; readonly others: readonly string[] } | null;
  readonly skippedRows: number;
  /** What was measured: rows learned from, rows asked, and how many of these were wrong, of fields their share. */
  readonly points: readonly { readonly rows: number; readonly asked: number; readonly wrong: number }[];
  readonly forecasts: readonly [now: RowForecast, twice: RowForecast, fourfold: RowForecast];
  readonly gains: readonly CategoryGain[];
  readonly seconds: number;
}

/** A document that was found; `isNamed`: by its own path, not in a folder. */
export interface FoundDocument {
  readonly file: string;
  readonly isNamed: boolean;
}

/** A piece of a file that is searched in, and where it stands. */
export interface FilePassage {
  readonly text: string;
  /** The headings above it, the highest first; empty where there are none. */
  readonly heading: string;
  readonly page: number | null;
  /** Of a table or list: the row, counted from 1. */
  readonly row?: number;
}

export interface FilePassages {
  readonly passages: readonly FilePassage[];
  /** Whether the file has more than are taken. */
  readonly isCut: boolean;
}

/** Vectors of texts by an encoder. */
export interface TextVectorsResult {
  /** Knows the encoder again, wherever it lies: a hash of the files that decide its vectors. */
  readonly encoder: string;
  /** Numbers of a vector. */
  readonly width: number;
  /** One vector behind the other. */
  readonly vectors: Float32Array;
}

/** One of the settings that are tried. */
export interface TriedSettings {
  /** By the names of run.json with dots. */
  readonly settings: Readonly<Record<string, number>>;
  /** Of its whole training, and between two evaluations. */
  readonly steps: number;
  readonly evalEvery: number;
  /** Held-out loss after each round that it took part in; null where its training failed. */
  readonly losses: readonly (number | null)[];
  /** Its run; null before it has begun. */
  readonly run: string | null;
  /** Seconds of a start, a step and an evaluation; null while the speed of this computer is not known. */
  readonly cost: { readonly start: number; readonly step: number; readonly evaluation: number } | null;
}

/** What a search of settings has found. */
export interface SearchResult {
  /** Whether all comparisons were made. */
  readonly isDone: boolean;
  /** Numbers of the best and of all by rank, counted from 0. */
  readonly best: number;
  readonly ranking: readonly number[];
  /** Each with the complete run.json that it stands for. */
  readonly tried: readonly (TriedSettings & { readonly config: Readonly<Record<string, unknown>> })[];
}
