/** What an extra does for a remedy that it proposes, on the card of that remedy. */
import type { Component } from 'svelte';

export interface RemedyTool {
  /** On its button. */
  readonly action: string;
  /** What a person chooses for it. */
  readonly Options: Component;
  /** For the run that the remedy was proposed for. */
  readonly act: (runId: string) => Promise<void>;
}
