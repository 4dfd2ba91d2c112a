/**
 * Calls about runs, the jobs that make them and the other computers that train them: the history of all, what each one showed, what is
 * made of it.
 */
import { randomInt } from 'node:crypto';
import { defined } from '../../common/values.ts';
import { deleteRuns, keepPurging, listBin, purgeBinned } from '../app/bin.ts';
import { writeBundle } from '../app/bundles.ts';
import { comparison } from '../app/history.ts';
import { exportRun, train } from '../app/jobs.ts';
import type { Parts } from '../app/parts.ts';
import { firstRun } from '../app/practice.ts';
import { classified, duplicate, logOf, report, reportPdf } from '../app/runs.ts';
import { finishSorter, keepSorter, trainSorter } from '../app/sorters.ts';
import { addTarget, listTargets, priceTarget, removeTarget, testTarget } from '../app/targets.ts';
import type { Log } from '../log.ts';
import type { Implementer } from './router.ts';

export function runCalls(os: Implementer, parts: Parts, log: Log) {
  const { store, engine, supervisor } = parts;
  keepPurging(store, log);
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
    delete: os.runs.delete.handler(({ input }) => deleteRuns(parts, input.ids)),
    restore: os.runs.restore.handler(({ input }) => store.runs.restore(input.ids)),
    bin: os.runs.bin.handler(() => listBin(store)),
    purge: os.runs.purge.handler(({ input }) => purgeBinned(store, input.ids)),
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
    keepSorter: os.runs.keepSorter.handler(({ input }) =>
      keepSorter(parts, get(input.id), input.by, input.rung),
    ),
    trainSorter: os.runs.trainSorter.handler(({ input, signal }) => trainSorter(parts, input, signal)),
    finishSorter: os.runs.finishSorter.handler(({ input }) => finishSorter(input.key)),
    judge: os.runs.judge.handler(({ input }) => engine.judge(input.round, input.choices)),
  };
}

export function jobCalls(os: Implementer, parts: Parts) {
  const { store, supervisor } = parts;
  return {
    watch: os.jobs.watch.handler(({ signal }) => supervisor.watch(signal)),
    train: os.jobs.train.handler(({ input }) => train(parts, input)),
    firstRun: os.jobs.firstRun.handler(() => firstRun(parts)),
    assess: os.jobs.assess.handler(({ input: { runId, ...how } }) =>
      supervisor.assess(store.runs.get(runId), how),
    ),
    export: os.jobs.export.handler(({ input }) => exportRun(parts, input)),
    pause: os.jobs.pause.handler(({ input }) => supervisor.pause(input.id)),
    resume: os.jobs.resume.handler(({ input }) => supervisor.resume(input.id)),
    resumeRun: os.jobs.resumeRun.handler(({ input }) => supervisor.resumeRun(store.runs.get(input.runId))),
    finish: os.jobs.finish.handler(({ input }) => supervisor.finish(input.id)),
    skip: os.jobs.skip.handler(({ input }) => supervisor.skip(input.id)),
    cancel: os.jobs.cancel.handler(({ input }) => supervisor.cancel(input.id)),
    reorder: os.jobs.reorder.handler(({ input }) => supervisor.reorder(input.ids)),
    schedule: os.jobs.schedule.handler(({ input }) => supervisor.schedule(input.id, input.startAt)),
  };
}

export function targetCalls(os: Implementer, { store, host: { secrets } }: Parts) {
  return {
    list: os.targets.list.handler(() => listTargets(store)),
    add: os.targets.add.handler(({ input }) => addTarget(store, secrets, input)),
    remove: os.targets.remove.handler(({ input }) => removeTarget(store, secrets, input.name)),
    price: os.targets.price.handler(({ input }) => priceTarget(store, input.name, input.perHour)),
    test: os.targets.test.handler(({ input, signal }) => testTarget(store, secrets, input.name, signal)),
  };
}
