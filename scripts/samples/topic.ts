/** What one topic of the support sample is made of; the texts themselves are in topics/. */

/**
 * `calm` and `pressing` state the matter and decide the label `urgent`. `details` and `asks` fit each of them and
 * change neither label.
 */
export interface Topic {
  readonly name: string;
  readonly calm: readonly string[];
  readonly pressing: readonly string[];
  readonly details: readonly string[];
  readonly asks: readonly string[];
}
