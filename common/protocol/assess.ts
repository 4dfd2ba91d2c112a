/** What an assessment found: what was learned, what was forgotten, and what comes of it. */

/** A figure with the bounds between which the true one lies in 95 of 100 cases. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How many rows are right. */
export interface Accuracy extends Estimate {
  /** The field of JSON answers that is counted; null for whole answers. */
  readonly key: string | null;
  readonly rows: number;
}

/**
 * What the one score of a run says: of answers from a closed set how many it knows, of several categories a text how often all are right, of others how many are right, of JSON how many fields,
 * of calls how many are right, of free text how similar it is (chrF), or where it is a text with changes how right these are (SARI), of pairs how often it prefers the better answer, of running text
 * how surprised it is (perplexity: lower is better); of a model that finds how high the right passages stand (nDCG@10).
 */
export type ScoreName =
  | 'known'
  | 'sets'
  | 'right'
  | 'fields'
  | 'calls'
  | 'similarity'
  | 'changes'
  | 'preferred'
  | 'perplexity'
  | 'found';

/** The one score of a run, in its verdict, in the history and in comparisons; that of a closed set also where it sorts. */
export interface Score extends Estimate {
  readonly name: ScoreName;
  /** Test rows, or test pairs. */
  readonly rows: number;
}

/** A figure of the base model and of the trained one on the same rows. */
export interface Compared {
  readonly before: Accuracy;
  readonly after: Accuracy;
  /** After minus before. */
  readonly gain: Estimate;
}

/** A simpler way to the same answers, trained on the same rows and asked the same test rows. */
export interface Rival {
  /**
   * Word counts with logistic regression; the same on an encoder's sentence vectors; the answer of the training row with the most words in common; always the most frequent answer, or
   * the most typical one; the question itself; the best wording of a training answer, filled with the question's values; the base model with
   * the best prompt that a search found, in earlier comparisons with the usual examples; of a model that finds, counting words (BM25) or the
   * encoder that it was made of.
   */
  readonly name:
    | 'counter'
    | 'vectors'
    | 'nearest'
    | 'frequent'
    | 'typical'
    | 'copy'
    | 'template'
    | 'examples'
    | 'prompt'
    | 'bm25'
    | 'encoder';
  /** By what the run's score says, on the same rows. */
  readonly score: Score;
  /** The trained model's score minus this one's. */
  readonly lead: Estimate;
  /** Of training it and asking it; null where that was not measured. */
  readonly seconds: number | null;
}

/** Of answers from a closed set: what a model knows, apart from how it says it. */
export interface ClosedFigures {
  /** How many answers are allowed. */
  readonly answers: number;
  /** Rows whose likeliest allowed answer is right. */
  readonly known: Compared;
  /** The same of each field of JSON answers. */
  readonly fields: readonly Compared[];
  /** Rows in which the answer that a model gives by itself is an allowed one. */
  readonly form: Compared;
}

/** What the rows teach, as their answers show; `text` is running text without answers. */
export type TaskKind = 'label' | 'json' | 'calls' | 'short' | 'free' | 'text';

/** `unknown`: too little was measured to tell. */
export type Learned = 'yes' | 'partly' | 'no' | 'unknown';

export type Forgot = 'nothing' | 'little' | 'much' | 'unknown';

/** What a training that did not teach enough lacks most: a lower rate, more passes, more rows or a larger model. */
export type Lack = 'rate' | 'passes' | 'rows' | 'model';

/** The rules are in docs/verdict.md. */
export interface Verdict {
  readonly learned: Learned;
  readonly forgot: Forgot;
  /** Null where reciting cannot be told from knowing, as with labels. */
  readonly memorised: boolean | null;
  /** Whether the base model does as well, and well in itself, with a system prompt or a few examples in its prompt. */
  readonly promptingIsEnough: boolean;
  /** The simpler way that clearly does better than the trained model; older assessments have none. */
  readonly betterRival?: Rival | null;
  /** The best of the simpler ways, ahead or not; null where none was asked, and missing in older assessments. */
  readonly rival?: Rival | null;
  /** The trained model's; null where nothing was measured. Older assessments have none. */
  readonly score?: Score | null;
  /** Null where nothing is, or where it cannot be told; older assessments have none. */
  readonly lack?: Lack | null;
  readonly sentence: string;
  /** More that a person should know, a sentence each. */
  readonly remarks: readonly string[];
}

/** Who answered: the base model, the same with a system prompt, with examples (of old) or with the best prompt found, the trained model. */
export type Variant = 'before' | 'system' | 'examples' | 'prompt' | 'after';

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

/** Of how many held-out pairs the better answer is the likelier one, by the mean log-likelihood of its tokens. */
export interface PreferenceResult {
  readonly rows: number;
  readonly before: Estimate;
  readonly after: Estimate;
  /** After minus before, on the same pairs. */
  readonly gain: Estimate;
}

/** How one variant answered. Scores that mean nothing for the kind of task are absent. */
export interface VariantScores {
  readonly variant: Variant;
  readonly rows: number;
  /** Rows right: exact match, for JSON every field right, for calls the right tools with the right arguments. */
  readonly right?: Estimate;
  /** Rows with the right label: the answer, or the label field of a JSON answer. */
  readonly labelRight?: Estimate;
  /** Of calls: those of the right tools, whatever their arguments, or none where none is wanted. */
  readonly toolRight?: Estimate;
  /** Answers that are valid JSON; of calls those that can be read, where one is wanted. */
  readonly validJson?: Estimate;
  /** Of JSON, the mean share of its fields that are right. */
  readonly fieldsRight?: Estimate;
  /** Share of the rows in which a field is right, by field. */
  readonly fields?: Readonly<Record<string, Estimate>>;
  /** Mean chrF2 of the rows, 0 to 1. */
  readonly chrf?: Estimate;
  /** Mean SARI of the rows, 0 to 1, where answers are changed questions. */
  readonly sari?: Estimate;
  /** Of sentences made from attributes: of the wanted values those that are named, and of the named values those that are invented. */
  readonly slotsPresent?: Estimate;
  readonly slotsInvented?: Estimate;
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
  readonly score: 'right' | 'fields' | 'chrf' | 'sari';
  readonly variants: readonly VariantScores[];
  /** Why a baseline is missing. */
  readonly missing: readonly string[];
  readonly confusion: { readonly before: Confusion; readonly after: Confusion } | null;
  /** The system prompt of that baseline, and the number of examples of the other. */
  readonly systemPrompt: string;
  readonly examples: number;
  /** The best prompt as a text to copy, of so many that were tried on so many training rows; missing in older ones. */
  readonly prompt?: {
    readonly text: string;
    readonly tried: number;
    readonly rows: number;
    readonly seconds: number;
  };
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

/** How often the likeliest of a question's options is the right one, of one kind of question. */
export interface AbilityScore {
  /** An ability of `common/words/abilities.ts`, or what a model's own questions call it. */
  readonly name: string;
  readonly items: number;
  /** The share that a model gets right that does not hear the questions. */
  readonly chance: number;
  readonly before: Estimate;
  readonly after: Estimate;
  /** After minus before, on the same questions. */
  readonly change: Estimate;
  /** Whether it clearly fell, also for one of so many abilities. */
  readonly fell: boolean;
}

export interface AbilityFigures {
  readonly measured: readonly AbilityScore[];
  /** Those in which the base model was not clearly better than chance: there is nothing to forget. */
  readonly lacking: readonly Pick<AbilityScore, 'name' | 'items' | 'chance' | 'before'>[];
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
  /** By ability; null where there are no such questions, and missing in older ones. */
  readonly abilities?: AbilityFigures | null;
  readonly passages: LossFigures | null;
  readonly passageTopics: readonly {
    readonly topic: string;
    readonly before: number;
    readonly after: number;
  }[];
}

/** A row whose category was taken for another one. */
export interface MixedRow {
  /** What stands before the answer. */
  readonly text: string;
  readonly answer: string;
  /** The category that was given. */
  readonly given: string;
  /** Given by the model to a test row; else by word counts to a training row that they learned nothing from. */
  readonly isTest: boolean;
}

/** What a remedy should bring. */
export interface ExpectedGain {
  /** Of the share of rows or of fields right, of the share by which the test loss falls, or of the quiz's questions that come back. */
  readonly of: 'score' | 'fields' | 'loss' | 'quiz';
  /** Forecast from the run's own figures, the most that it can be, or measured on the same test rows. */
  readonly basis: 'forecast' | 'most' | 'measured';
  readonly low: number;
  readonly high: number;
  /** Where it was measured. */
  readonly value?: number;
}

/** What would help, from the evidence of the run. */
export interface Remedy {
  readonly name: string;
  readonly why: string;
  /** What the button says, where that depends on the run. */
  readonly action?: string;
  /** Null where nothing tells; older assessments have none. */
  readonly gain?: ExpectedGain | null;
  /** Of computing, without what a person needs; null where it is not known. Older assessments have none. */
  readonly seconds?: number | null;
  /** Rows to look at. */
  readonly rows?: readonly MixedRow[];
  /** A complete run.json for `fettle train --config`; null where the person has to choose a model, or to change rows. */
  readonly file: string | null;
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
  /** SHA-256 of the rows, and the key of the base model's files. */
  readonly dataHash: string;
  readonly modelKey: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly task: { readonly kind: TaskKind; readonly reason: string; readonly labelField: string | null };
  readonly verdict: Verdict;
  readonly loss: LossFigures | null;
  /** Of a run that learned from better and worse answers. */
  readonly preference?: PreferenceResult;
  readonly answers: AnswerFigures | null;
  /** Where answers come from a closed set; missing elsewhere, and in older ones. */
  readonly closed?: ClosedFigures;
  /** What simpler ways get; missing in older ones. */
  readonly rivals?: readonly Rival[];
  readonly memorisation: MemorisationFigures | null;
  readonly forgetting: ForgettingFigures | null;
  readonly remedies: readonly Remedy[];
  /** What was scaled down or left out, and why. */
  readonly notes: readonly string[];
  /** Whether it asked less than there was, to save time: a thorough one would say more. Missing in older ones. */
  readonly quick?: boolean;
  /** Path of the HTML report. */
  readonly report: string;
}

/** Pairs that were judged blind, and what was preferred. */
export interface BlindCounts {
  readonly judged: number;
  readonly after: number;
  readonly before: number;
  readonly equal: number;
  readonly bad: number;
  /** Share of the decided pairs in which the trained model's answer was preferred. */
  readonly preferred: Estimate;
  /** Two-sided p-value of the sign test. */
  readonly signTest: number;
}

/** The result of `fettle compare`, and what is in a run's blind.json. */
export interface CompareResult extends BlindCounts {
  readonly run: string;
  readonly seed: number;
  readonly sentence: string;
  readonly pairs: readonly {
    readonly prompt: string;
    readonly before: string;
    readonly after: string;
    readonly choice: 'before' | 'after' | 'equal' | 'bad';
  }[];
}
