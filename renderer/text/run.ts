/** The words of a run's page: what goes on, its controls, its details. The result has its own file. */

import type { LookEvent } from '../../common/protocol/protocol.ts';
import { about, bytes, date, dateTime, loss, number, rateText } from '../../common/words/format.ts';
import { marks } from '../../common/words/marks.ts';
import { PHASES } from '../../common/words/run.ts';
import english from '../../words/en/pages/run.json' with { type: 'json' };
import { byName, texts } from './texts.ts';

export const { run } = texts('run', english, {
  run: {
    lead: (model: string, data: string, method: string, target: string | null) => ({
      model,
      data,
      method,
      hasTarget: target !== null,
      target,
    }),
    sorterLead: (way: string, data: string) => ({ way, data }),
    methods: byName,
    phases: PHASES,
    now: {
      scheduled: (time: string | null) => ({ hasTime: time !== null, time: dateTime(time) }),
      paused: (step: number | null) => ({ hasStep: Boolean(step), step }),
      heldOutIs: (now: number) => ({ now: loss(now) }),
      heldOutFell: (before: number, now: number) => ({ before: loss(before), now: loss(now) }),
      heldOutNotFell: (before: number, now: number) => ({ before: loss(before), now: loss(now) }),
      keptStep: (step: number) => ({ step }),
      interrupted: (step: number | null) => ({ hasStep: Boolean(step), step }),
    },
    advice: {
      notFinite: (step: number) => ({ step }),
      memory: (free: number, total: number) => ({ free: bytes(free), total: bytes(total) }),
      plateau: (secondsLeft: number, best: number) => ({ secondsLeft: about(secondsLeft), best }),
      rising: (secondsLeft: number, best: number) => ({ secondsLeft: about(secondsLeft), best }),
    },
    progress: {
      step: (step: number, steps: number) => ({ step, steps }),
      pass: (pass: number, passes: number | null) => ({
        pass: number(pass),
        hasPasses: passes !== null,
        passes: number(passes),
      }),
    },
    figures: { atStep: (step: number) => ({ step }) },
    samples: { now: (step: number) => ({ step }), earlier: (count: number) => ({ count }) },
    blended: (strength: string) => ({ strength }),
    warnings: (count: number) => ({ count }),
    looked: ({ tried, learningRate }: Pick<LookEvent, 'tried' | 'learningRate'>) => ({
      rates: tried.map((one) => rateText(one.learningRate)).join(marks().comma),
      learningRate: rateText(learningRate),
    }),
    rescued: (count: number) => ({ count }),
    details: {
      rows: (rows: number, heldOut: number) => ({ rows, heldOut }),
      weights: (trained: string, all: string) => ({ trained, all }),
      machine: byName,
      removeTag: (tag: string) => ({ tag }),
      logMore: (count: number) => ({ count }),
      removeText: (size: string) => ({ size }),
    },
    actions: {
      bundled: (path: string, size: string) => ({ path, size }),
      pdfSaved: (path: string) => ({ path }),
    },
    binned: { about: (when: string) => ({ when: date(when) }) },
  },
});
