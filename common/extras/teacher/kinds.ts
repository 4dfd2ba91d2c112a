/** What a teacher is asked for, and what comes of its answers. */

/** One of a closed set of categories; JSON; or free text in the style of the examples. */
export const ANSWER_KINDS = ['categories', 'json', 'free'] as const;
export type AnswerKind = (typeof ANSWER_KINDS)[number];

/** Texts that a teacher writes like one example, at most. */
export const MOST_VARIATIONS = 10;

export interface ExampleRow {
  readonly text: string;
  readonly answer: string;
}

/** What a teacher is told, the same for every text. */
export interface Lesson {
  readonly kind: AnswerKind;
  /** The categories as the examples write them; empty for other kinds. */
  readonly answers: readonly string[];
  /** Before the text that is to be answered. */
  readonly messages: readonly {
    readonly role: 'system' | 'user' | 'assistant';
    readonly content: string;
  }[];
  /** Of all of this; rows name it. */
  readonly id: string;
}

/** An answer that was given, or is likely. */
export interface Choice {
  readonly answer: string;
  /** Of the teacher's samples so many. */
  readonly votes: number;
}

/** What the teacher's answers to a text come to. */
export interface StudiedRow {
  /** Row of the raw texts. */
  readonly row: number;
  /** The answer that is taken: all samples agree, and the student would say the same. Null: a person decides. */
  readonly taken: string | null;
  /** The likeliest first: the teacher's by votes, then other categories by the student. */
  readonly choices: readonly Choice[];
  /** The share of the samples that say the first choice; of free text how alike they are. */
  readonly agreement: number;
}

export interface Studied {
  readonly rows: readonly StudiedRow[];
  /** Rows that a person is asked, the most useful first. */
  readonly order: readonly number[];
  /** What sorts beside the teacher; null where answers are no categories or no row is known. */
  readonly student: { readonly encoder: string | null } | null;
  /** Samples that were an answer of the wanted form, and all. */
  readonly usable: number;
  readonly samples: number;
}
