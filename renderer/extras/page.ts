/** A page that an extra brings: where it is, and where the core leads to it. */
import type { LucideIcon } from '@lucide/svelte';
import type { Component } from 'svelte';
import type { GoalId } from '../../common/settings/suits.ts';

export interface ExtraPage {
  /** The first segment of its addresses. */
  readonly id: string;
  readonly label: string;
  readonly load: () => Promise<{ readonly default: Component }>;
  /** Where the rail has it: before which page. */
  readonly before?: { readonly page: string; readonly icon: LucideIcon };
  /** Otherwise the page that it belongs to, and whether there is something to see, so that the page leads to it. */
  readonly under?: string;
  readonly isOffered?: () => boolean;
  /** What the page Help says where it leads to it. */
  readonly inHelp?: string;
  /** What it keeps an eye on while the window is open. */
  readonly watched?: { watch(signal: AbortSignal): Promise<void> };
  /** The goal whose rows it helps to make. */
  readonly givesRowsFor?: GoalId;
  /** As a card among the goals, which leads to the page, and the goal that it serves better than training does. */
  readonly asGoal?: { readonly about: string; readonly example: string; readonly servesBetter?: GoalId };
}
