/**
 * Words that belong to no page: what components say, what is said when something fails, and the frame of rail, job strip, command palette,
 * banners and the dialog for picking a path.
 */
import type { Job } from '../../common/api/contract.ts';
import { bytes, number, timeOfDay } from '../../common/words/format.ts';
import english from '../../words/en/pages/common.json' with { type: 'json' };
import { texts } from './texts.ts';

function trimmed(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value);
}

export const { common, frame } = texts('common', english, {
  common: {
    progressTitle: (percent: string, name: string) => ({ percent, name }),
    wantNumber: (min: number | undefined, max: number | undefined) => ({
      hasBoth: min !== undefined && max !== undefined,
      min: trimmed(min ?? 0),
      max: trimmed(max ?? 0),
      hasMin: min !== undefined,
      hasMax: max !== undefined,
    }),
    meter: (part: string, whole: string) => ({ part, whole }),
    upload: { busy: (name: string) => ({ name }) },
    plot: {
      options: (title: string) => ({ title }),
      smoothed: (label: string) => ({ label }),
      described: (title: string, points: number) => ({ title, points }),
    },
  },
  frame: {
    machine: {
      threads: (n: number) => ({ n }),
      free: (free: number, total: number) => ({ free: bytes(free), total: bytes(total) }),
    },
    jobs: {
      kindOf: ({ kind, isBlend }: Pick<Job, 'kind' | 'isBlend'>) => ({ isBlend, kind }),
      scheduledFor: (when: string) => ({ when: timeOfDay(when) }),
      step: (step: number, steps: number | null) => ({ hasSteps: steps !== null, step, steps }),
      cancelled: (name: string) => ({ name }),
      more: (n: number) => ({ n }),
      up: (name: string) => ({ name }),
      down: (name: string) => ({ name }),
      startAt: (name: string) => ({ name }),
      remove: (name: string) => ({ name }),
      done: (kind: string, name: string) => ({ kind, name }),
      failed: (kind: string, name: string) => ({ kind, name }),
    },
    palette: {
      pause: (name: string) => ({ name }),
      resume: (name: string) => ({ name }),
      openJob: (name: string) => ({ name }),
    },
  },
});
