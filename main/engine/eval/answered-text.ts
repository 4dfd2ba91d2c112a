/** A question and its answer, as people read them. */
export interface AnsweredText {
  readonly text: string;
  readonly answer: string;
}
