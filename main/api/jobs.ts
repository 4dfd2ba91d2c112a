/** Calls about jobs: they are made by main/app/jobs.ts and looked after by the supervisor. */
import { blend, combine, exportRun, type TrainInput, train } from '../app/jobs.ts';
import type { Parts } from '../app/parts.ts';
import { firstRun } from '../app/practice.ts';
import type { Implementer } from './router.ts';

export function jobCalls(os: Implementer, parts: Parts) {
  const { store, supervisor } = parts;
  return {
    watch: os.jobs.watch.handler(async function* ({ signal }) {
      yield* supervisor.watch(signal);
    }),
    train: os.jobs.train.handler(({ input }) => train(parts, input as TrainInput)),
    firstRun: os.jobs.firstRun.handler(() => firstRun(parts)),
    assess: os.jobs.assess.handler(({ input: { runId, ...how } }) =>
      supervisor.assess(store.runs.get(runId), how),
    ),
    blend: os.jobs.blend.handler(({ input }) => blend(parts, input)),
    combine: os.jobs.combine.handler(({ input }) => combine(parts, input)),
    export: os.jobs.export.handler(({ input }) => exportRun(parts, input)),
    pause: os.jobs.pause.handler(({ input }) => supervisor.pause(input.id)),
    resume: os.jobs.resume.handler(({ input }) => supervisor.resume(input.id)),
    resumeRun: os.jobs.resumeRun.handler(({ input }) => supervisor.resumeRun(store.runs.get(input.runId))),
    finish: os.jobs.finish.handler(({ input }) => supervisor.finish(input.id)),
    skip: os.jobs.skip.handler(({ input }) => supervisor.skip(input.id)),
    cancel: os.jobs.cancel.handler(({ input }) => supervisor.cancel(input.id)),
    reorder: os.jobs.reorder.handler(({ input }) => supervisor.reorder(input.ids)),
    schedule: os.jobs.schedule.handler(({ input }) => supervisor.schedule(input.id, input.startAt)),
    dismiss: os.jobs.dismiss.handler(({ input }) => supervisor.dismiss(input.id)),
  };
}
