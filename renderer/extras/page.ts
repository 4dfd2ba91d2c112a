/** A page that an extra brings: where it is, and where the core leads to it. */
import type { LucideIcon } from '@lucide/svelte';
import type { Component } from 'svelte';
import type { GoalId } from '../../common/settings/suits.ts';

export interface ExtraPage {
  /** The first segment of its addresses. */
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly load: () => Promise<{ readonly default: Component }>;
  /** The page before which it stands in the rail; without it the rail doesn't have it. */
  readonly before?: string;
  /** The goal whose rows it helps to make. */
  readonly givesRowsFor?: GoalId;
}
