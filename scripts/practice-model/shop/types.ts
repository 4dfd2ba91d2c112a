/**
 * The shapes of the shop corner: what it hands to the corpus (samples, passages, quiz items) and how its situations
 * are written down. A situation carries the facts, its texts are many wordings of the same facts: answers come from
 * the facts alone, so that a model cannot learn them from single words.
 */
export interface Message {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface Sample {
  topic: string;
  messages: Message[];
}

export interface Passage {
  topic: string;
  text: string;
}

export interface QuizItem {
  topic: string;
  question: string;
  answers: string[];
}

/** A wish that a message may end with: its wordings, how an answer names it, what the shop promises. */
export interface Want {
  says: readonly string[];
  wants: string;
  promise: string;
}

export interface Situation {
  /** The fact in one sentence; `[noun]` is the thing of the message, `[is]`, `[has]` and `[does]` agree with it. */
  happened: string;
  /** Which things `[thing]` and `[things]` may be: names of pools, separated by spaces. */
  pool?: string;
  /** What the customer wants, where the meaning's own wishes do not decide it. */
  wants?: string;
  /** Why somebody must act at once ("somebody could be hurt"); absent where it can wait. */
  urgent?: string;
  /** Whether a sentence such as "the party is tomorrow" may make it urgent. */
  deadline?: boolean;
  /** What the shop writes back. */
  reply: string;
  texts: readonly string[];
}

export interface Meaning {
  /** "It is about something broken." */
  about: string;
  /** The same as a choice: "something broken". */
  choice: string;
  /** Questions that only this meaning answers with yes. */
  asked: readonly string[];
  situations: readonly Situation[];
  wants: readonly Want[];
  /** Sentences that may stand beside the situation and do not change it. */
  asides: readonly string[];
  /** How such messages end. */
  asks: readonly string[];
}
