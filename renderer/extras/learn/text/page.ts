/** What a learning page is made of. Texts may contain `[[terms]]`, which lead to the glossary; figures are named here and drawn in Sections.svelte. */
export type Figure =
  | 'picture-stages'
  | 'memory-calculator'
  | 'time-calculator'
  | 'cluster-calculator'
  | 'judging-calculator'
  | 'experiment'
  | 'picture-lora'
  | 'adapter-size'
  | 'picture-rounding'
  | 'memory-methods';

export interface LearnSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly points?: readonly string[];
  /** What to do with the figure; only where it answers, so not in docs/learn. */
  readonly invitation?: string;
  readonly figure?: Figure;
  /** Paragraphs below the figure. */
  readonly after?: readonly string[];
}

export interface LearnPage {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly sections: readonly LearnSection[];
  /** Where what is said here was published. */
  readonly sources?: readonly string[];
}
