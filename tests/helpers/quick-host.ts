/** A host for tests of the supervisor: engines are real child processes, and what is told to the person is kept. */

import type { Host } from '../../main/app/parts.ts';
import type { EngineLink, Fork } from '../../main/runs/engine-link.ts';
import { forkChild } from '../../main/runs/fork.ts';

export interface QuickHost extends Pick<Host, 'fork' | 'notify' | 'showProgress' | 'keepAwake'> {
  readonly notices: string[];
  readonly fractions: (number | null)[];
  readonly awake: boolean[];
  /** Engines that were started, oldest first. */
  readonly engines: EngineLink[];
}

/** A host whose engines `fork` starts. */
export function quickHost(fork: Fork = forkChild): QuickHost {
  const notices: string[] = [];
  const fractions: (number | null)[] = [];
  const awake: boolean[] = [];
  const engines: EngineLink[] = [];
  return {
    ...{ notices, fractions, awake, engines },
    fork: () => {
      const link = fork();
      engines.push(link);
      return link;
    },
    notify: (title, body) => notices.push(`${title}: ${body}`),
    showProgress: (fraction) => fractions.push(fraction),
    keepAwake: (on) => awake.push(on),
  };
}
