/** Calls about runs: the history of all, what each one showed, what is made of it. */
import { randomInt } from 'node:crypto';
import { classified } from '../app/classify.ts';
import { comparison } from '../app/compare-runs.ts';
import { defined } from '../app/defined.ts';
import type { Parts } from '../app/parts.ts';
import { writeBundle } from '../app/run-bundle.ts';
import { Bin, deleteRuns, duplicate, logOf, report, reportPdf } from '../app/runs.ts';
import type { Log } from '../log.ts';
import type { Implementer } from './router.ts';

export function runCalls(os: Implementer, parts: Parts, log: Log) {
  const { store, engine, supervisor } = parts;
  const bin = new Bin(store, log);
  const get = (id: string) => store.runs.get(id);
  return {
    list: os.runs.list.handler(({ input }) => store.runs.list(input)),
    get: os.runs.get.handler(({ input }) => get(input.id)),
    curves: os.runs.curves.handler(({ input }) => store.events.curves(get(input.id).id, input.points)),
    samples: os.runs.samples.handler(({ input }) => store.events.samples(get(input.id).id)),
    log: os.runs.log.handler(({ input }) => logOf(store, input)),
    events: os.runs.events.handler(async function* ({ input, signal }) {
      yield* supervisor.events(get(input.id).id, input.after ?? 0, signal);
    }),
    assessment: os.runs.assessment.handler(({ input }) => store.assessments.get(get(input.id).id)),
    update: os.runs.update.handler(({ input: { id, ...change } }) => store.runs.update(id, defined(change))),
    weigh: os.runs.weigh.handler(({ input }) => store.runs.weigh(input.ids)),
    delete: os.runs.delete.handler(({ input }) => deleteRuns(parts, bin, input.ids)),
    restore: os.runs.restore.handler(({ input }) => store.runs.restore(input.ids)),
    compare: os.runs.compare.handler(({ input }) => comparison(store, input.ids)),
    duplicate: os.runs.duplicate.handler(({ input }) => duplicate(parts, get(input.id), input.remedy)),
    report: os.runs.report.handler(({ input }) => report(get(input.id))),
    pdf: os.runs.pdf.handler(async ({ input }) => {
      await parts.allowed.write(input.out);
      return reportPdf(parts, get(input.id), input.out);
    }),
    bundle: os.runs.bundle.handler(async ({ input }) => {
      await parts.allowed.write(input.out);
      return writeBundle(parts, get(input.id), input.out);
    }),
    blind: os.runs.blind.handler(({ input }) =>
      engine.blind(get(input.id).folder, input.pairs, randomInt(2 ** 31), input.shown),
    ),
    classify: os.runs.classify.handler(({ input, signal }) => classified(parts, input, signal)),
    judge: os.runs.judge.handler(({ input }) => engine.judge(input.round, input.choices)),
  };
}
