/** The flags of `fettle targets add` for a kind of target that an extra brings. */

import type { TargetSpec } from '../../targets/target.ts';
import type { Flag } from '../arguments.ts';

export interface TargetFlags {
  readonly kind: TargetSpec['kind'];
  /** The flag that gives its address. */
  readonly address: Flag;
  /** Its own flags: the file with its token, and the number of processes. */
  readonly tokenFile: Flag;
  readonly processes: Flag;
  /** What `--help` says of it. */
  readonly about: string;
  readonly example: string;
}

export const targetFlag = (name: string, about: string, value: string, more: Partial<Flag> = {}): Flag => ({
  name,
  about,
  value,
  group: 'Target',
  ...more,
});
