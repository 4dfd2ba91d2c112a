/**
 * Words of the glossary lead there where a newcomer meets them first: the parts of the wizard, of a run and of its history are made
 * into HTML from made-up data, and no word of the glossary may be left in it without a link or with two, nor a link stand in a control.
 */
import { type Component, createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlanMethod, Proposal, RunDetails } from '../../../common/api/contract.ts';
import { propose } from '../../../main/plan/propose.ts';
import { glossary, linked, termOf, termsIn } from '../../../renderer/text/glossary.ts';
import { common, glossaryText, goals } from '../../../renderer/text/text.ts';
import { pageTerms } from '../../../renderer/ui/terms.svelte.ts';
import { fakeAssessment } from '../../helpers/fake-api/assessment.ts';
import { fakeFigures } from '../../helpers/fake-api/figures.ts';
import { fakeNeeds } from '../../helpers/fake-api/needs.ts';
import { fakeCurves, fakeWorld } from '../../helpers/fake-api/world.ts';
import { fakePeaks, fakePrice, profileOf, situationOf } from '../../helpers/fake-price.ts';
import { nestedLinks, unlinkedTerms } from '../../helpers/unlinked-terms.ts';
import { evaluation, numbered, sample, step } from './run-events.ts';

vi.mock('../../../renderer/api.ts', () => ({
  api: { jobs: {} },
  canReveal: false,
  connection: { state: 'open', times: 1 },
  follow: async () => {},
  problemOf: (error: unknown) => error,
  isAborted: () => false,
}));

const { machine } = await import('../../../renderer/state/host.svelte.ts');
const { models } = await import('../../../renderer/state/models.svelte.ts');
const { RunView } = await import('../../../renderer/state/run.svelte.ts');
const { advance, NO_PROGRESS } = await import('../../../renderer/state/run-progress.ts');
const { wizard } = await import('../../../renderer/state/wizard.svelte.ts');

/** The parts that are looked at, by their place under renderer/. */
const PARTS = import.meta.glob<{ default: Component }>([
  '../../../renderer/steps/plan/*.svelte',
  '../../../renderer/steps/model/*.svelte',
  '../../../renderer/models/*.svelte',
  '../../../renderer/steps/goal/Goal.svelte',
  '../../../renderer/run/**/*.svelte',
  '../../../renderer/history/*.svelte',
  '../../../renderer/ui/*.svelte',
]);
const world = fakeWorld({ still: true });
const html = async (part: string, props: Record<string, unknown> = {}): Promise<string> => {
  const { default: shown } = await PARTS[`../../../renderer/${part}.svelte`]!();
  return render(shown, { props, context: pageTerms() }).body;
};

/** What is wrong with a part: words without a link or with two, and links where none may be. */
async function wrong(part: string, props: Record<string, unknown> = {}): Promise<string[]> {
  const body = await html(part, props);
  return [...unlinkedTerms(body), ...nestedLinks(body).map((link) => `in a control: ${link}`)];
}

/** Proposals for small and large models, little and much memory, all the time and little. */
async function proposals(): Promise<Proposal[]> {
  const profile = profileOf(Array.from({ length: 300 }, (_, i) => (i === 299 ? 1000 : 40 + i)));
  const found: Proposal[] = [];
  for (const parameters of [4.2e6, 600e6, 3e9])
    for (const freeBytes of [1e9, 6e9, 64e9])
      for (const hours of [null, 0.3]) {
        const situation = situationOf({
          ...{ model: { parameters, contextLength: 512 }, profile, freeBytes },
          wish: hours === null ? { kind: 'best' } : { kind: 'tonight', hours },
        });
        found.push(await propose(situation, fakePrice(parameters, { tokens: 300_000 }).price, fakePeaks));
      }
  return found;
}

beforeAll(async () => {
  models.local = world.local;
  models.catalog = world.catalog;
  models.loaded = true;
  models.needs = await fakeNeeds(world);
  machine.facts = world.facts;
});

beforeEach(() => {
  wizard.forget();
  wizard.content = { goal: 'sort', modelId: 'practice', data: { paths: ['/rows.csv'] } };
});

describe('words of the glossary in a text', () => {
  it('are linked where they stand first, in any spelling', () => {
    expect(linked('Adapters of rank 64: adapters are small.')).toEqual([
      { term: 'Adapters', text: 'Adapters' },
      { text: ' of ' },
      { term: 'rank', text: 'rank' },
      { text: ' 64: adapters are small.' },
    ]);
    expect(linked('The held-out loss, not the loss.').filter((piece) => 'term' in piece)).toEqual([
      { term: 'held-out loss', text: 'held-out loss' },
      { term: 'loss', text: 'loss' },
    ]);
    expect(termsIn('Two checkpoints, one GPU.').map(({ term }) => term)).toEqual(['checkpoints', 'GPU']);
  });

  it('are not looked for in other words, in names of files, nor where they mean something else', () => {
    for (const text of ['lossless', 'a-loss-1', 'loss.csv', '/home/mo/loss', 'Keep the token', 'even steps'])
      expect(termsIn(text), text).toEqual([]);
  });

  it('leave out what a label beside them links, and keep the marks that a text has', () => {
    expect(linked('A [[loss|surprise]], or loss.')).toEqual([
      { text: 'A ' },
      { term: 'loss', text: 'surprise' },
      { text: ', or loss.' },
    ]);
  });

  it('are what a label is about, or the first in it', () => {
    expect(termOf('Length limit')).toBe('Length limit');
    expect(termOf('Answers to held-out rows')).toBe('held-out rows');
    expect(termOf('What to try')).toBeNull();
  });

  it('have exceptions that are words of the glossary, few of them, and each with its reason', () => {
    const { meansElse, notLookedFor } = glossaryText;
    const notSought = Object.values(notLookedFor).flat();
    for (const why of Object.keys(notLookedFor)) expect(why).toMatch(/\w+ \w+/);
    for (const phrase of meansElse) {
      const names = glossary.flatMap(({ word, also = [] }) => [word, ...also]);
      expect(
        names.some((name) => phrase.includes(name.toLowerCase())),
        phrase,
      ).toBe(true);
    }
    expect(notSought.length + meansElse.length).toBeLessThan(35);
  });
});

describe('the walk through a page', () => {
  it('finds words without a link, and entries with two', () => {
    const link = '<a href="#/glossary/loss">loss</a>';
    expect(unlinkedTerms('<p>The loss falls.</p>')).toEqual(['loss: The loss falls.']);
    expect(unlinkedTerms(`<p>The ${link} falls; the loss is low.</p>`)).toEqual([]);
    expect(unlinkedTerms(`<div><h2>Loss</h2><span>${link}</span></div><p>Loss</p>`)).toEqual([]);
    expect(unlinkedTerms('<div><h2>Loss</h2></div>')).toEqual(['Loss: Loss']);
    expect(unlinkedTerms(`<p>${link}</p><p>${link}</p>`)).toEqual(['more than one link: #/glossary/loss']);
  });

  it('finds no second link on a page, and none that Tab stops at', async () => {
    const page = await html('ui/Page', {
      ...{ title: 'A page', lead: 'The loss falls with the learning rate, and the loss is low.' },
      children: createRawSnippet(() => ({ render: () => '<p></p>' })),
    });
    expect([...page.matchAll(/<a ([^>]*)>/g)].map(([, attributes]) => attributes)).toEqual([
      expect.stringMatching(/tabindex="-1".*glossary\/loss"/),
      expect.stringMatching(/tabindex="-1".*glossary\/learning-rate"/),
    ]);
    expect(page).toContain(common.terms);
  });

  it('finds links in controls', () => {
    expect(nestedLinks('<label>A <a href="#">word</a></label><p><a href="#">fine</a></p>')).toEqual([
      'label: word',
    ]);
  });

  it('does not pass by what has no link at all', async () => {
    const assessment = fakeAssessment(world.runs[1]!);
    const shown = await html('run/result/Scores', { assessment, answers: assessment.answers });
    const body = shown.replace(/<a [^>]*>/g, '<b>');
    expect(unlinkedTerms(body).length).toBeGreaterThan(1);
  });
});

describe('every word of the glossary has its link', () => {
  it('on the cards of the methods, in the list of settings and in their reasons', async () => {
    const keys = new Set<string>();
    for (const proposal of await proposals()) {
      wizard.proposal = proposal;
      for (const plan of proposal.methods) {
        wizard.content = { ...wizard.content, settings: { method: plan.method } };
        for (const why of Object.values(plan.planned.whys)) keys.add(why.key);
        expect(await wrong('steps/plan/Methods', { proposal, isOld: false, isComparing: false })).toEqual([]);
        expect(await wrong('steps/plan/Values', { busy: false })).toEqual([]);
      }
    }
    expect(keys.size).toBeGreaterThan(20);
  });

  it('in the rest of the plan: memory, time, device, forgetting, cuts and own settings', async () => {
    [wizard.proposal = null] = (await proposals()).slice(2);
    for (const method of ['lora', 'qlora', 'full'] satisfies PlanMethod[]) {
      const settings = { method };
      wizard.content = { ...wizard.content, settings, wish: 'own' };
      const computer = { ...world.facts, freeMemory: method === 'full' ? 0.1e9 : 21e9 };
      const figures = await fakeFigures({ modelId: 'practice', settings }, { ...world, facts: computer });
      const facts = { figures, busy: false, canFit: true, measuring: false, onmeasure: () => {} };
      expect(await wrong('steps/plan/Facts', facts)).toEqual([]);
      const { proposal } = wizard;
      const details = { figures, proposal, busy: false, method, request: null, onretry: () => {} };
      const bar = await html('steps/plan/Details', details);
      for (const part of ['parameter', 'gradient', 'optimizer'])
        expect(bar).toContain(`href="#/glossary/${part}"`);
      expect(await wrong('steps/plan/Details', details)).toEqual([]);
      for (const part of ['Options', 'Settings', 'Values', 'Wish'])
        expect(
          await wrong(`steps/plan/${part}`, {
            busy: false,
            isLater: false,
            clock: '07:00',
            defaultName: 'Run',
            lengths: null,
          }),
          part,
        ).toEqual([]);
      const { lengths } = wizard.proposal!;
      expect(await wrong('steps/plan/Cuts', { lengths, limit: lengths!.choices[0]!.maxLength })).toEqual([]);
    }
  });

  it('in the goals and their honest gates', async () => {
    for (const { id } of goals) {
      wizard.content = { ...wizard.content, goal: id };
      expect(await wrong('steps/goal/Goal'), id).toEqual([]);
    }
  });

  it('on the cards of models, here, in the catalog and of one’s own', async () => {
    const { local } = models;
    for (const model of world.local) {
      models.local = [model];
      wizard.content = { ...wizard.content, modelId: model.id };
      expect(await html('steps/model/Model')).toContain(model.name);
      expect(await wrong('steps/model/Model')).toEqual([]);
    }
    models.local = local;
    for (const part of ['Model', 'AddModel', 'HubSearch'])
      expect(await wrong(`steps/model/${part}`, { onadded: () => {} }), part).toEqual([]);
  });

  it('while a run trains, in figures, plots and answers', async () => {
    const events = [
      evaluation(0, 3),
      sample(0, 'before'),
      step(1),
      step(2),
      evaluation(2, 2.5),
      sample(2, 'after'),
    ];
    const warning = {
      event: 'warning',
      code: 'cut',
      message: 'Three rows end in the middle of a token.',
    } as const;
    for (const state of ['running', 'paused', 'failed', 'interrupted', 'done'] as const) {
      const view = new RunView('run-0');
      view.details = { ...world.runs[0]!, state } as RunDetails;
      view.progress = advance(NO_PROGRESS, numbered([...events, warning]));
      view.curves = fakeCurves(10);
      expect(await wrong('run/training/Training', { view, onresult: () => {} }), state).toEqual([]);
    }
  });

  it('in a result, whatever it is, and in the details of a run', async () => {
    for (const run of world.runs.filter(({ learned }) => learned).slice(0, 12)) {
      const view = new RunView(run.id);
      view.details = run;
      view.assessment = fakeAssessment(run);
      expect(await wrong('run/result/Result', { view, onshow: () => {} }), run.name).toEqual([]);
      expect(await wrong('run/details/Details', { view }), run.name).toEqual([]);
    }
  });

  it('over the columns of the history', async () => {
    const body = await html('history/RunTable', { total: 0 });
    expect(unlinkedTerms(body)).toEqual([]);
    expect(nestedLinks(body)).toEqual([]);
    expect(body).toContain('href="#/glossary/verdict"');
    expect(body).toContain('href="#/glossary/model"');
  });
});

describe('what all places have in common', () => {
  it.each([
    [
      'ui/StackedBar',
      { parts: [{ label: 'Gradients', value: 1, kind: 'gradients' }], max: 2, label: 'LoRA' },
    ],
    ['ui/Notice', { title: 'The loss is rising' }],
    ['ui/Empty', { title: 'No checkpoints', about: 'They go at the end of a run.' }],
    ['ui/Progress', { fraction: 0.5, label: 'Steps taken', detail: 'epoch 2' }],
    [
      'ui/Verdict',
      { label: 'Verdict', tone: 'good', headline: 'It learned', more: ['Right on held-out rows.'] },
    ],
    ['ui/Switch', { label: 'Replay', hint: 'Keeps the loss low on general text.' }],
    [
      'ui/Plot',
      { title: 'Learning rate', x: { label: 'Step' }, xs: [], series: [], empty: 'Comes with a step.' },
    ],
    ['ui/CodeBlock', { label: 'Run it with Ollama', text: 'ollama run it' }],
    ['run/Figure', { label: 'Best loss', value: '5 tokens/s', note: 'at step 3' }],
  ])('%s links them', async (part, props) => {
    expect(await wrong(part, props)).toEqual([]);
    expect(await html(part, props)).toContain('href="#/glossary/');
  });

  it('a card that is a radio button has its link beside its label', async () => {
    const options = [{ value: 'a', title: 'Adapter', about: 'Small.' }];
    const body = await html('ui/Choice', { legend: 'Save as', options, value: 'a' });
    expect(body).toContain('href="#/glossary/adapter"');
    expect(nestedLinks(body)).toEqual([]);
  });

  it('names of the person’s own columns and of runs are left alone', async () => {
    const column = { id: 'a', label: 'loss' };
    expect(await html('ui/ColumnHead', { column })).toContain('#/glossary/loss');
    expect(await html('ui/ColumnHead', { column: { ...column, isGiven: true } })).not.toContain(
      '#/glossary/',
    );
  });
});
