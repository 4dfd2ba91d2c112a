/** A use of a trained model that an extra brings, as a part of the run's page. */
import type { Component } from 'svelte';
import type { RunDetails } from '../../common/api/contract.ts';

export interface RunUse {
  readonly title: string;
  /** Beside its result, instead of beside what is done with the model. */
  readonly isOfResult?: true;
  readonly Use: Component<{ run: RunDetails }>;
  /** Whether the run can be used so. */
  readonly isFor: (run: RunDetails) => boolean;
}
