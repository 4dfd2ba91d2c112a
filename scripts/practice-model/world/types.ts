/** What the world hands out, and what its topics are made of. */

/** Uniform numbers in [0, 1). */
export type Random = () => number;

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A dialogue of one to three exchanges. */
export interface Sample {
  readonly topic: string;
  readonly messages: readonly Message[];
}

/** A short running text of 30 to 150 words. */
export interface Passage {
  readonly topic: string;
  readonly text: string;
}

/** A question with every accepted answer; compared after lower-casing and without final punctuation. */
export interface QuizItem {
  readonly topic: string;
  readonly question: string;
  readonly answers: readonly string[];
}

/** One exchange. `short` is the answer in one word or a few; `key` is what the split looks at (else the question). */
export interface Turn {
  readonly question: string;
  readonly answer: string;
  readonly short?: string | undefined;
  readonly key?: string | undefined;
}

export interface Topic {
  readonly name: string;
  /** How often it is drawn, against the others. */
  readonly weight: number;
  turn(random: Random): Turn;
  /** Two or three exchanges that belong together. */
  talk(random: Random): Turn[];
}
