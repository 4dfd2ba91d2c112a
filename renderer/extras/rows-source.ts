/** A source of rows that an extra brings, among those of a new run: a button that opens its dialog. */
import type { LucideIcon } from '@lucide/svelte';
import type { Component } from 'svelte';

export interface RowsSource {
  readonly label: string;
  readonly icon: LucideIcon;
  /** `onpaths` takes the files that the rows lie in. */
  readonly Dialog: Component<{ open: boolean; onpaths: (paths: string[]) => void }, object, 'open'>;
}
