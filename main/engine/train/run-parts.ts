/** What a training run is made of, as train-model.ts sets it up. */

import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../config/config.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { Executor } from '../exec/executor.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Weights } from '../load/weights.ts';
import type { Method } from '../nn/parameters.ts';
import type { Cursor } from './cursor.ts';
import type { RunIdentity } from './identity.ts';
import type { RunData } from './run-data.ts';
import type { TrainState } from './state.ts';

export interface TrainingParts {
  readonly config: RunConfig;
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly weights: Weights;
  readonly executor: Executor;
  readonly method: Method;
  readonly data: RunData;
  readonly state: TrainState;
  readonly identity: RunIdentity;
  /** Where an earlier part stopped; null for a new run. */
  readonly cursor: Cursor | null;
  readonly stop: AbortSignal;
  /** Aborted: the person wants the run to end here, with its best weights. */
  readonly finish?: AbortSignal;
  /** When the person asked for the run, in milliseconds since 1970. */
  readonly startedAt: number;
  emit(event: EngineEvent): void;
}
