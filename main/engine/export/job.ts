/** What is exported, opened and ready: the ground that the forms of an export share. */
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { LoraAdapter } from '../io/peft.ts';
import type { LoadedAdapter } from '../load/adapter.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Weights } from '../load/weights.ts';
import type { CardForm, ModelFacts } from './model-card.ts';
import type { Target } from './target.ts';

/** Types of weights by their names on the command line. */
export type ExportType = 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q5_1' | 'q5_0' | 'q4_1' | 'q4_0';

export interface ExportJob {
  readonly form: CardForm;
  readonly type: ExportType;
  readonly target: Target;
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly weights: Weights;
  /** The adapter as stored, and the same for the engine. */
  readonly stored: LoraAdapter | null;
  readonly adapter: LoadedAdapter;
  readonly facts: ModelFacts;
  /** The system message that all training rows had, or null. */
  readonly system: string | null;
}
