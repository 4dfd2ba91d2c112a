/** What adding a target of an extra's kind asks for, in the settings. */
import type { Component } from 'svelte';
import type { TargetSpec } from '../../common/api/contract.ts';

export interface TargetForm {
  readonly kind: TargetSpec['kind'];
  readonly label: string;
  /** An address as an example, and what is said below it. */
  readonly placeholder: string;
  readonly hostHint: string;
  readonly pythonHint: string;
  /** Its own fields; `given` is what they make of the target. */
  readonly Fields: Component<{ given: object }, object, 'given'>;
}
