/** What an extra offers in the last step of a new run, below its title. */
import type { Component } from 'svelte';
import type { RunRequest } from '../../common/api/contract.ts';

export interface PlanTool {
  readonly title: string;
  /** `request`: the run as it is planned; null while it is not known. */
  readonly Tool: Component<{ request: RunRequest | null }>;
}
