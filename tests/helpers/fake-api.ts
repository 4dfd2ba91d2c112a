/**
 * An in-memory implementation of the contract, for looking at the pages and for tests of the renderer without an engine. It answers
 * every call with made-up things of fake-api/ and remembers changes until it ends. Never shipped.
 */
import { implement } from '@orpc/server';
import type {
  ChosenRequest,
  Job,
  ProposeRequest,
  Rivalry,
  RunCurves,
  RunDetails,
  RunFilter,
} from '../../common/api/contract.ts';
import { contract } from '../../common/api/contract.ts';
import { isSorter } from '../../common/settings/sorters.ts';
import { madeBy } from '../../common/values.ts';
import { connections } from '../../main/connections.ts';
import { type BlindPair, tallyChoices } from '../../main/engine/eval/assess/blind.ts';
import * as extras from '../extras/fake-api.ts';
import {
  fakeAssessment,
  fakeRungs,
  fakeSorted,
  fakeSorter,
  keptCounter,
  keptSorter,
} from './fake-api/assessment.ts';
import { fakeLook, fakePreview, fakeReport, fakeRows } from './fake-api/data.ts';
import { fakeDevices } from './fake-api/devices.ts';
import { fakeFigures } from './fake-api/figures.ts';
import { newJob, problem, runOf } from './fake-api/jobs.ts';
import { fakeGrid, fakeNeeds } from './fake-api/needs.ts';
import { fakeChosen, fakeProposal } from './fake-api/propose.ts';
import { fakeMeasured } from './fake-api/rates.ts';
import { ROW_COUNT } from './fake-api/rows.ts';
import { fakeSources } from './fake-api/sources.ts';
import { fakeTargets } from './fake-api/targets.ts';
import {
  type FakeWorld,
  fakeCurves,
  lossAt,
  noise,
  rateAt,
  STEP_SECONDS,
  STEP_TOKENS,
  TOKENS_PER_SECOND,
} from './fake-api/world.ts';

/** The longest a timer can take. */
const FOREVER_MS = 2 ** 31 - 1;

const wait = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Says the same again whenever it has changed, until the caller has had enough. */
async function* changing<T>(get: () => T, signal: AbortSignal | undefined, everyMs = 500): AsyncGenerator<T> {
  let said = '';
  while (!signal?.aborted) {
    const now = get();
    const text = JSON.stringify(now);
    if (text !== said) yield now;
    said = text;
    await wait(everyMs, signal);
  }
}

/** Pairs of answers to judge; in three of four the trained model's is the second. */
function blindPairs(count: number): BlindPair[] {
  const [before, after] = ['I am sorry to hear that.', 'damage'];
  return Array.from({ length: count }, (_, index) => {
    const firstIs = index % 4 === 1 ? 'after' : 'before';
    const [first, second] = firstIs === 'after' ? [after, before] : [before, after];
    return { row: index, prompt: `Question ${index + 1}: my parcel is broken.`, first, second, firstIs };
  });
}

/** The curves of `run-7`, whose number makes them its own. */
function curvesOf(world: FakeWorld, id: string): RunCurves {
  const { step, config } = runOf(world, id);
  return fakeCurves(step, Number(id.split('-')[1] ?? 0), config.objective === 'dpo');
}

function listed(world: FakeWorld, filter: RunFilter): { total: number; rows: RunDetails[] } {
  const words = (filter.search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const rows = world.runs
    .filter((run) => !world.binned.has(run.id))
    .filter((run) =>
      words.every((word) => `${run.name} ${run.model} ${run.notes}`.toLowerCase().includes(word)),
    )
    .filter((run) => !filter.states?.length || filter.states.includes(run.state))
    .filter((run) => filter.model === undefined || run.model === filter.model)
    .filter((run) => filter.method === undefined || run.method === filter.method)
    .filter((run) => filter.learned === undefined || run.learned === filter.learned)
    .filter((run) => filter.tag === undefined || run.tags.includes(filter.tag))
    .filter((run) => filter.rivals === undefined || rivalryOf(run) === filter.rivals)
    .sort(
      (a, b) => compared(sortedBy(a, filter.sort), sortedBy(b, filter.sort)) * (filter.descending ? -1 : 1),
    );
  return { total: rows.length, rows: rows.slice(filter.offset, filter.offset + filter.limit) };
}

function rivalryOf({ rival }: RunDetails): Rivalry {
  if (!rival) return 'unmeasured';
  return rival.lead.value >= 0.02 ? 'better' : 'no-better';
}

function sortedBy(run: RunDetails, sort: RunFilter['sort']): string | number | null {
  return sort === 'score' ? (run.score?.value ?? null) : run[sort];
}

function compared(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}

/** A router of the contract over `world`, which calls change; whoever has it may change it as well. */
export const FAKE_REPORT = '<!doctype html><title>Report</title><h1>Report</h1>';

export function fakeApi(world: FakeWorld) {
  const os = implement(contract);
  const setJob = (id: string, change: Partial<Job>) => {
    world.jobs = world.jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
  };
  const jobOf = (id: string) => world.jobs.find((job) => job.id === id) ?? world.jobs[0]!;
  const addedModel = (path: string) => {
    const name = path.split('/').at(-1) ?? '';
    const added = { ...world.local[1]!, id: `m-${world.local.length}`, name, path };
    world.local = [...world.local, added];
    return added;
  };
  return os.router({
    ...madeBy(extras, world, changing),
    targets: fakeTargets(world),
    computer: {
      facts: os.computer.facts.handler(() => world.facts),
      now: os.computer.now.handler(async function* ({ signal }) {
        for (let beat = 0; !signal?.aborted; beat += 1) {
          yield {
            freeMemory: (1 - 0.02 * noise(beat)) * world.facts.freeMemory,
            load: 0.4 + noise(beat + 3) * 0.3,
          };
          await wait(world.still ? FOREVER_MS : 3000, signal);
        }
      }),
      measure: os.computer.measure.handler(async function* ({ input, signal }) {
        const doing = ['Small steps', 'Multiplying matrices: 1,024 x 576 by 576 x 1,536', 'Memory'];
        for (let step = 0; step < 12 && !signal?.aborted; step += 1) {
          yield { kind: 'progress', fraction: step / 12, doing: doing[Math.floor(step / 4)] ?? '' };
          await wait(world.still && step === 7 ? FOREVER_MS : 100, signal);
        }
        if (signal?.aborted) return;
        const name = world.facts.hardware?.graphics[0]?.name ?? '';
        const card = input?.device === undefined ? null : { device: input.device, name };
        world.facts = { ...world.facts, ...fakeMeasured(world.iso(0), undefined, card) };
        yield { kind: 'facts', facts: world.facts };
      }),
      grid: os.computer.grid.handler(() => fakeGrid(world)),
    },
    devices: fakeDevices(world, wait),
    endpoint: {
      now: os.endpoint.now.handler(async function* ({ signal }) {
        while (!signal?.aborted) {
          yield world.serving;
          await wait(world.still ? 200 : 1000, signal);
        }
      }),
      start: os.endpoint.start.handler(({ input: { of } }) => {
        const id = 'runId' in of ? of.runId : of.modelId;
        const address = 'http://127.0.0.1:4887/v1';
        const key = 'fettle-Qb2vX9mT4nLr7sWkZ1yHc5dJ';
        world.serving = {
          of: id,
          name: 'Support messages',
          address,
          key,
          doing: '',
          requests: 3,
          problem: null,
        };
      }),
      stop: os.endpoint.stop.handler(() => {
        world.serving = null;
      }),
    },
    host: {
      info: os.host.info.handler(() => world.info),
      speak: os.host.speak.handler(() => world.settings.language),
      reveal: os.host.reveal.handler(() => {
        throw problem('no-file-manager', 'A browser cannot show files.', 'Copy the path instead.');
      }),
      connections: os.host.connections.handler(() => connections()),
      updates: os.host.updates.handler(() => world.updates),
    },
    files: {
      pick: os.files.pick.handler(() => []),
      open: os.files.open.handler(() => {}),
      browse: os.files.browse.handler(({ input }) => {
        const path = input.path ?? '/home/mo';
        const folders = ['Documents', 'Downloads', 'models'].map((name) => ({
          name,
          kind: 'folder' as const,
          bytes: null,
        }));
        const files = ['messages.csv', 'answers.jsonl', 'notes.txt', 'small.gguf'].map((name, index) => ({
          name,
          kind: 'file' as const,
          bytes: 40_000 * (index + 1),
        }));
        return {
          path,
          parent: path === '/' ? null : path.replace(/\/[^/]*$/, '') || '/',
          entries: [...folders, ...files].map((entry) => ({ ...entry, path: `${path}/${entry.name}` })),
        };
      }),
      keep: os.files.keep.handler(({ input }) => ({
        path: `/home/mo/.local/share/fettle/uploads/${input.name}`,
      })),
    },
    settings: {
      get: os.settings.get.handler(() => world.settings),
      set: os.settings.set.handler(({ input }) => {
        const given = Object.entries(input).filter(([, value]) => value !== undefined);
        world.settings = { ...world.settings, ...Object.fromEntries(given) };
        return world.settings;
      }),
      hubToken: os.settings.hubToken.handler(() => ({ kept: false })),
      setHubToken: os.settings.setHubToken.handler(({ input }) => ({ kept: input.token !== null })),
      moveData: os.settings.moveData.handler(async function* ({ input, signal }) {
        for (let step = 1; step <= 10 && !signal?.aborted; step += 1) {
          await wait(150, signal);
          yield { fraction: step / 10, done: step === 10, folder: input.to };
        }
      }),
    },
    models: {
      list: os.models.list.handler(() => world.local),
      catalog: os.models.catalog.handler(() => world.catalog),
      encoders: os.models.encoders.handler(() => world.encoders),
      needs: os.models.needs.handler(() => fakeNeeds(world)),
      search: os.models.search.handler(async ({ input }) => {
        await wait(300);
        return [0, 1, 2].map((index) => ({
          repo: `someone/${input.query.replaceAll(' ', '-')}-${index}`,
          downloads: 120_000 / (index + 1),
          likes: 340 - index,
          updated: '2026-03-01T00:00:00Z',
          gated: index === 1,
          task: 'text-generation',
          unsuitable: index === 2 ? 'It has only pickle files, which can run code.' : null,
        }));
      }),
      found: os.models.found.handler(() => [
        {
          program: 'LM Studio',
          name: 'SmolLM2-360M-Instruct-Q8_0',
          path: '/home/mo/.lmstudio/models/SmolLM2-360M-Instruct-Q8_0.gguf',
          bytes: 386e6,
        },
      ]),
      addFound: os.models.addFound.handler(({ input }) => addedModel(input.path)),
      add: os.models.add.handler(({ input }) => {
        if (!input.path.includes('model') && !input.path.endsWith('.gguf'))
          throw problem(
            'no-model',
            `There is no model in ${input.path}.`,
            'Choose a folder with config.json and .safetensors files.',
          );
        return addedModel(input.path);
      }),
      inspect: os.models.inspect.handler(({ input }) => ({
        path: world.local.find((model) => model.id === input.id)?.path ?? '',
        format: 'safetensors',
        family: 'llama',
        config: {
          ...{ layers: 30, 'hidden size': 576, heads: 9, 'key-value heads': 3, 'head dimension': 64 },
          ...{ vocabulary: 49_152, 'longest text (tokens)': 8192, 'rotary base': 100_000 },
          ...{ 'rotary scaling': 'default', 'head tied to embedding': true },
        },
        parameters: 134.5e6,
        dtypes: [{ dtype: 'BF16', tensors: 272, parameters: 134.5e6, bytes: 269e6 }],
        files: [{ path: 'model.safetensors', bytes: 269e6 }],
        tensors: [],
        tokenizer: { kind: 'BPE', vocabSize: 49_152, bos: '<|im_start|>', eos: '<|im_end|>' },
        template: '{% for message in messages %}…{% endfor %}',
        skills: [],
        licence: 'Apache-2.0',
      })),
      remove: os.models.remove.handler(({ input }) => {
        const gone = world.local.find((model) => model.id === input.id);
        world.local = world.local.filter((model) => model.id !== input.id);
        return { freedBytes: input.deleteFiles ? (gone?.bytes ?? 0) : 0 };
      }),
      download: os.models.download.handler(({ input }) => {
        const started = {
          ...world.downloads[0]!,
          id: `d-${Date.now()}`,
          repo: input.repo,
          state: 'running' as const,
          bytes: 0,
          problem: null,
        };
        world.downloads = [...world.downloads, started];
        return started;
      }),
      downloads: os.models.downloads.handler(async function* ({ signal }) {
        yield* changing(() => world.downloads, signal);
      }),
      pauseDownload: os.models.pauseDownload.handler(({ input }) => setDownload(input.id, 'paused')),
      resumeDownload: os.models.resumeDownload.handler(({ input }) => setDownload(input.id, 'running')),
      cancelDownload: os.models.cancelDownload.handler(({ input }) => {
        world.downloads = world.downloads.filter((download) => download.id !== input.id);
      }),
    },
    data: {
      samples: os.data.samples.handler(() => world.samples),
      look: os.data.look.handler(({ input }) => {
        if (input.paths.some((path) => path.includes('broken')))
          throw problem(
            'unreadable',
            'Row 12 has 3 columns where the others have 2.',
            'Put text with commas in quotes.',
          );
        return fakeLook(input.paths);
      }),
      split: os.data.split.handler(({ input: { rows, heldOut = rows < 100 ? 0.2 : 0.1 } }) => {
        const test = Math.round(rows * heldOut);
        return { heldOut, training: rows - test, test };
      }),
      preview: os.data.preview.handler(({ input }) => fakePreview(input.data.paths, input.from, input.count)),
      check: os.data.check.handler(async function* ({ input }) {
        for (const fraction of [0.2, 0.6, 1]) {
          await wait(120);
          yield { kind: 'progress', detail: 'Looking at the rows', fraction } as const;
        }
        yield { kind: 'report', report: fakeReport(input.data.paths) } as const;
      }),
      more: os.data.more.handler(() => world.more),
      fix: os.data.fix.handler(({ input }) => fakeReport(input.data.paths, input.fixes)),
      rows: os.data.rows.handler(({ input }) => fakeRows(input)),
      edit: os.data.edit.handler(({ input }) => ({
        path: `/home/mo/.local/share/fettle/uploads/edited/${input.data.paths[0]?.split('/').at(-1)}`,
        rows: ROW_COUNT + input.added.length - input.changes.filter(({ turns }) => turns === null).length,
        unreadable: 0,
      })),
    },
    sources: fakeSources(wait),
    drafts: {
      list: os.drafts.list.handler(() => world.drafts),
      save: os.drafts.save.handler(({ input }) => {
        const id = input.id ?? `draft-${Date.now()}`;
        const draft = { id, updated: world.iso(0), content: input.content };
        world.drafts = [draft, ...world.drafts.filter((each) => each.id !== id)];
        return draft;
      }),
      discard: os.drafts.discard.handler(({ input }) => {
        world.drafts = world.drafts.filter((each) => each.id !== input.id);
      }),
    },
    plan: {
      figures: os.plan.figures.handler(async ({ input }) => {
        await wait(150);
        return fakeFigures(input, world);
      }),
      probe: os.plan.probe.handler(async ({ input }) => {
        await wait(600);
        return fakeFigures(input, world);
      }),
      chosen: os.plan.chosen.handler(async ({ input }) => {
        await wait(50);
        return fakeChosen(input as ChosenRequest, world);
      }),
      reading: os.plan.reading.handler(async function* ({ signal }) {
        yield* changing(() => null, signal, 1000);
      }),
      propose: os.plan.propose.handler(async ({ input, signal }) => {
        await wait(world.comparisons > 0 ? 150 : FOREVER_MS, signal);
        // one that a page gave up, since it asked again, was none
        if (!signal?.aborted) world.comparisons--;
        return fakeProposal(input as ProposeRequest, world);
      }),
    },
    jobs: {
      watch: os.jobs.watch.handler(async function* ({ signal }) {
        yield* changing(() => world.jobs, signal, 100);
      }),
      train: os.jobs.train.handler(({ input }) => newJob(world, 'train', 'run-0', input.request.name)),
      firstRun: os.jobs.firstRun.handler(() =>
        newJob(world, 'train', 'run-0', 'First try: sort support messages'),
      ),
      assess: os.jobs.assess.handler(({ input }) =>
        newJob(world, 'assess', input.runId, runOf(world, input.runId).name),
      ),
      export: os.jobs.export.handler(({ input }) =>
        newJob(world, 'export', input.runId, runOf(world, input.runId).name),
      ),
      pause: os.jobs.pause.handler(({ input }) => setJob(input.id, { state: 'paused' })),
      resume: os.jobs.resume.handler(({ input }) => {
        setJob(input.id, { state: 'running' });
        return jobOf(input.id);
      }),
      resumeRun: os.jobs.resumeRun.handler(({ input }) =>
        newJob(world, 'train', input.runId, runOf(world, input.runId).name),
      ),
      finish: os.jobs.finish.handler(({ input }) => setJob(input.id, { state: 'done', fraction: 1 })),
      skip: os.jobs.skip.handler(({ input }) => setJob(input.id, { state: 'done', fraction: 1 })),
      cancel: os.jobs.cancel.handler(({ input }) => {
        world.jobs = world.jobs.filter((job) => job.id !== input.id);
      }),
      reorder: os.jobs.reorder.handler(({ input }) => {
        const place = (job: Job) => (input.ids.includes(job.id) ? input.ids.indexOf(job.id) : -1);
        world.jobs = [...world.jobs].sort((a, b) => place(a) - place(b));
      }),
      schedule: os.jobs.schedule.handler(({ input }) =>
        setJob(input.id, { startAt: input.startAt, state: input.startAt ? 'scheduled' : 'waiting' }),
      ),
    },
    runs: {
      list: os.runs.list.handler(({ input }) => listed(world, input)),
      get: os.runs.get.handler(({ input }) => ({
        ...runOf(world, input.id),
        binned: world.binned.has(input.id) ? world.iso(5) : null,
      })),
      curves: os.runs.curves.handler(({ input }) => curvesOf(world, input.id)),
      samples: os.runs.samples.handler(({ input }) =>
        [0, 38].flatMap((step) =>
          runOf(world, input.id).prompts.map((prompt) => ({
            step,
            prompt,
            text:
              step === 0
                ? 'I am sorry to hear that.'
                : `{"desk":"${prompt.includes('invoice') ? 'R48' : 'R17'}","class":"C"}`,
          })),
        ),
      ),
      log: os.runs.log.handler(() => ({
        total: 3,
        lines: ['12:00:01 read 600 rows', '12:00:02 load', '12:00:04 step 1 of 152'],
      })),
      events: os.runs.events.handler(async function* ({ input, signal }) {
        const run = runOf(world, input.id);
        if (run.state !== 'running') return;
        const first = run.step + 1;
        for (let step = first; step <= (run.steps ?? 0) && !signal?.aborted; step += 1) {
          const number = step - first + 1;
          if (number <= (input.after ?? 0)) continue;
          await wait(world.still && number > 1 ? FOREVER_MS : 250, signal);
          if (signal?.aborted) return;
          yield {
            number,
            at: Date.now(),
            event: {
              event: 'step',
              step,
              steps: run.steps ?? step,
              epoch: step / 51,
              loss: lossAt(step),
              gradNorm: 1,
              learningRate: rateAt(step),
              tokens: STEP_TOKENS,
              tokensPerSecond: TOKENS_PER_SECOND,
              stepMs: 1000 * STEP_SECONDS,
              rssBytes: 1.39e9,
              secondsLeft: ((run.steps ?? step) - step) * STEP_SECONDS,
            },
          } as const;
        }
      }),
      assessment: os.runs.assessment.handler(({ input }) => {
        const run = runOf(world, input.id);
        return run.state === 'done' && run.learned !== null ? fakeAssessment(run) : null;
      }),
      update: os.runs.update.handler(({ input }) => {
        const { id, ...given } = input;
        const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        world.runs = world.runs.map((run) => (run.id === id ? { ...run, ...change } : run));
        return runOf(world, id);
      }),
      weigh: os.runs.weigh.handler(({ input }) => ({
        bytes: input.ids.length * 4.2e6,
        files: input.ids.length * 9,
      })),
      delete: os.runs.delete.handler(({ input }) => {
        for (const id of input.ids) world.binned.add(id);
        return { bytes: input.ids.length * 4.2e6, days: 30 };
      }),
      restore: os.runs.restore.handler(({ input }) => {
        for (const id of input.ids) world.binned.delete(id);
      }),
      bin: os.runs.bin.handler(() => {
        const runs = world.runs
          .filter(({ id }) => world.binned.has(id))
          .map((run, index) => {
            const at = (hours: number) => world.iso(hours);
            return { ...run, binned: at(5 + 26 * index), until: at(5 + 26 * index - 720), bytes: 4.2e6 };
          });
        return { runs, bytes: runs.length * 4.2e6, days: 30 };
      }),
      purge: os.runs.purge.handler(({ input }) => {
        world.runs = world.runs.filter(({ id }) => !input.ids.includes(id));
        for (const id of input.ids) world.binned.delete(id);
        return { freedBytes: input.ids.length * 4.2e6 };
      }),
      compare: os.runs.compare.handler(({ input }) => ({
        runs: input.ids.map((id) => runOf(world, id)),
        differences: [
          { name: 'learningRate', values: input.ids.map((_, index) => (index % 2 ? '0.002' : '0.001')) },
          { name: 'lora.rank', values: input.ids.map((_, index) => String(8 * (index + 1))) },
        ],
        testRowsDiffer: new Set(input.ids.map((id) => runOf(world, id).data)).size > 1,
        curves: input.ids.map((id) => curvesOf(world, id)),
        samples: [
          {
            prompt: 'My parcel is broken.',
            answers: input.ids.map((_, index) => (index === 1 ? null : 'damage')),
          },
        ],
      })),
      duplicate: os.runs.duplicate.handler(({ input }) => {
        const draft = {
          id: `draft-${Date.now()}`,
          updated: world.iso(0),
          content: { from: input.id, modelId: 'practice', data: { paths: ['/home/mo/messages.csv'] } },
        };
        world.drafts = [draft, ...world.drafts];
        return draft;
      }),
      report: os.runs.report.handler(() => ({
        path: '/runs/report.html',
        html: FAKE_REPORT,
      })),
      pdf: os.runs.pdf.handler(({ input }) => ({ path: input.out })),
      bundle: os.runs.bundle.handler(({ input }) => ({ path: input.out, bytes: 1.2e6 })),
      blind: os.runs.blind.handler(({ input }) => ({
        id: 'round-1',
        pairs: blindPairs(input.pairs).map(({ firstIs: _, ...pair }) => pair),
      })),
      classify: os.runs.classify.handler(async function* ({ input, signal }) {
        yield { kind: 'progress' as const, doing: 'Checking the scores on test rows', fraction: 0.4 };
        await wait(100, signal);
        const result = fakeSorted(input.paths, input.askBelow, isSorter(runOf(world, input.runId)));
        yield { kind: 'result' as const, result };
      }),
      keepSorter: os.runs.keepSorter.handler(({ input }) => keptCounter(world, runOf(world, input.id).data)),
      trainSorter: os.runs.trainSorter.handler(async function* ({ input, signal }) {
        const data = input.data.paths[0]!.split('/').at(-1)!;
        for (const news of fakeRungs()) {
          await wait(300, signal);
          yield news;
        }
        yield {
          ...{ kind: 'result' as const, ...keptSorter(world, data, input.answer) },
          result: fakeSorter(input.answer),
        };
      }),
      finishSorter: os.runs.finishSorter.handler(() => {}),
      judge: os.runs.judge.handler(({ input: { choices } }) => {
        const pairs = blindPairs(choices.length);
        const { sentence: _, pairs: __, ...tally } = tallyChoices('run-1', 42, pairs, choices);
        const trained = pairs.map(({ firstIs }) => (firstIs === 'after' ? 'first' : 'second'));
        return { ...tally, trained };
      }),
    },
    chat: {
      ask: os.chat.ask.handler(async function* ({ input, signal }) {
        for (const from of input.which) {
          const words =
            from === 'before' ? 'I am sorry to hear that. How can I help?' : '{"desk":"R17","class":"C"}';
          for (const text of words.match(/\S+\s*/g) ?? []) {
            if (signal?.aborted) return;
            await wait(40, signal);
            yield { from, text, done: null };
          }
          yield { from, text: '', done: { newTokens: 12, tokensPerSecond: 48, stopReason: 'end' } };
        }
      }),
      close: os.chat.close.handler(() => {}),
    },
    conversations: {
      list: os.conversations.list.handler(() => world.conversations.map(({ content: _, ...row }) => row)),
      get: os.conversations.get.handler(({ input }) => {
        const found = world.conversations.find(({ id }) => id === input.id);
        if (!found) throw problem('no-conversation', 'This conversation is gone.', 'Begin a new one.');
        return found;
      }),
      save: os.conversations.save.handler(({ input: { id = `kept-${Date.now()}`, content } }) => {
        const row = { id, name: content.name, updated: world.iso(0) };
        world.conversations = [{ ...row, content }, ...world.conversations.filter((each) => each.id !== id)];
        return row;
      }),
      remove: os.conversations.remove.handler(({ input }) => {
        world.conversations = world.conversations.filter(({ id }) => id !== input.id);
      }),
    },
  });

  function setDownload(id: string, state: 'paused' | 'running'): void {
    world.downloads = world.downloads.map((download) =>
      download.id === id ? { ...download, state, problem: null } : download,
    );
  }
}
