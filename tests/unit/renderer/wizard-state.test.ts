import { beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  DataLook,
  Draft,
  DraftContent,
  LocalModel,
  MethodPlan,
  Proposal,
} from '../../../common/api/contract.ts';

const saved = vi.hoisted(() => [] as { id: string | undefined; content: DraftContent }[]);
/** What the store holds. */
const kept = vi.hoisted(() => new Map<string, DraftContent>());
vi.mock('../../../renderer/api.ts', () => ({
  api: {
    drafts: {
      save: async ({ id, content }: { id?: string; content: DraftContent }) => {
        saved.push({ id, content });
        const draft = { id: id ?? `draft-${saved.length}`, updated: '2026-01-01T00:00:00Z', content };
        kept.set(draft.id, content);
        return draft;
      },
      discard: async ({ id }: { id: string }) => void kept.delete(id),
    },
  },
  follow: async () => {},
  problemOf: (error: unknown) => error,
  isAborted: () => false,
}));

const { models } = await import('../../../renderer/state/models.svelte.ts');
const { drafts, wizard } = await import('../../../renderer/state/wizard.svelte.ts');
const { examinedData } = await import('../../../renderer/steps/data/doctor.svelte.ts');

const practice = {
  id: 'practice',
  name: 'Practice',
  source: 'practice',
  parameters: 4.2e6,
  available: true,
} as LocalModel;
const small = { id: 'small', name: 'Small', source: 'hub', parameters: 135e6, available: true } as LocalModel;
const look = { rows: 600, badRows: 0, raw: { columns: [], rows: [] } } as unknown as DataLook;
const data = { paths: ['/rows.csv'] };

beforeEach(() => {
  saved.length = 0;
  kept.clear();
  drafts.list = [];
  wizard.forget();
  models.local = [practice, small];
  models.loaded = true;
});

describe('a run that was started', () => {
  it('is offered no more as a draft, nor what was being saved meanwhile', async () => {
    wizard.change('model', { modelId: 'practice' });
    await wizard.saveNow();
    wizard.change('data', { data });
    const saving = wizard.saveNow();
    expect(drafts.list).toHaveLength(1);
    await Promise.all([wizard.started(), saving]);
    expect([drafts.list, [...kept.keys()], wizard.content, wizard.id]).toEqual([[], [], {}, undefined]);
  });
});

describe('what the doctor examines', () => {
  it('is counted with the new tokens of the run, where there is a tokenizer', () => {
    wizard.change('data', { data });
    wizard.look = look;
    wizard.set('plan', 'newTokens', '<a> <b>');
    expect(examinedData()).not.toHaveProperty('newTokens');
    wizard.change('model', { modelId: 'practice' });
    expect(examinedData()).toMatchObject({ data, modelId: 'practice', newTokens: '<a> <b>' });
    wizard.set('plan', 'newTokens', undefined);
    expect(examinedData()).not.toHaveProperty('newTokens');
  });
});

describe('the run that is being prepared', () => {
  it('saves a draft once for changes that follow one another, and the next ones into the same draft', async () => {
    wizard.change('goal', { goal: 'sort' });
    wizard.change('model', { modelId: 'practice' });
    expect(wizard.saved).toBe('saving');
    await wizard.saveNow();
    expect(saved).toEqual([{ id: undefined, content: { goal: 'sort', modelId: 'practice' } }]);
    wizard.change('data', { data });
    await wizard.saveNow();
    expect(saved[1]).toEqual({ id: 'draft-1', content: { goal: 'sort', modelId: 'practice', data } });
    expect(wizard.saved).toBe('saved');
  });

  it('an answer that is the same as before changes nothing', async () => {
    wizard.change('goal', { goal: 'sort' });
    await wizard.saveNow();
    wizard.change('goal', { goal: 'sort' });
    await wizard.saveNow();
    expect(saved).toHaveLength(1);
  });

  it('a draft whose save is under way when the run is started anew does not give its id to the new one', async () => {
    wizard.change('goal', { goal: 'sort' });
    const started = wizard.startOver();
    await started;
    expect(wizard.content).toEqual({});
    expect(wizard.id).toBeUndefined();
    wizard.change('goal', { goal: 'style' });
    await wizard.saveNow();
    expect(saved.map(({ id }) => id)).toEqual([undefined, undefined]);
  });

  it('a kept draft is opened with its settings by their names with dots, and saved under its own id', async () => {
    const content = { modelId: 'small', data, settings: { lora: { rank: 8 }, epochs: 2 }, from: 'run' };
    wizard.open({ id: 'kept', updated: '', content } as Draft);
    expect(wizard.content.settings).toEqual({ 'lora.rank': 8, epochs: 2 });
    wizard.set('plan', 'epochs', 4);
    await wizard.saveNow();
    expect(saved[0]?.id).toBe('kept');
    expect(saved[0]?.content.settings).toEqual({ 'lora.rank': 8, epochs: 4 });
  });

  it('nothing is worth a draft before something was chosen', async () => {
    wizard.visit('goal');
    await wizard.saveNow();
    expect(saved).toEqual([]);
  });
});

describe('changed answers', () => {
  it('mark the later ones until the person has gone on from there', () => {
    wizard.change('model', { modelId: 'practice' });
    wizard.change('data', { data });
    expect(wizard.stateOf('data')).toBe('done');
    wizard.change('model', { modelId: 'small' });
    expect(wizard.concernOf('data')).toEqual({ kind: 'touched', by: 'model' });
    expect(wizard.stateOf('data')).toBe('attention');
    wizard.settle('data');
    expect(wizard.stateOf('data')).toBe('done');
  });

  it('a model whose files are gone needs attention, and the run cannot begin', () => {
    wizard.change('model', { modelId: 'practice' });
    models.local = [{ ...practice, available: false }];
    expect(wizard.concernOf('model')).toEqual({ kind: 'model-gone' });
    expect(wizard.missing).toBe('model');
  });
});

describe('settings of the run', () => {
  const planned = (method: 'full' | 'lora', learningRate: number): MethodPlan => ({
    ...{ method, recommended: method === 'full', why: { key: 'forgets-more', numbers: {} } },
    planned: { runSettings: { learningRate, epochs: 4, method } } as unknown as MethodPlan['planned'],
  });
  const proposal = {
    ...{ recommended: 'full', methods: [planned('full', 2e-4), planned('lora', 1e-3)] },
  } as unknown as Proposal;

  beforeEach(() => {
    wizard.change('model', { modelId: 'practice' });
    wizard.change('data', { data });
    wizard.look = look;
    wizard.proposal = proposal;
  });

  it('are the proposed ones, and over them what the person has set; undefined goes back', () => {
    expect(wizard.settings).toEqual({ method: 'full', learningRate: 2e-4, epochs: 4 });
    wizard.set('plan', 'epochs', 1);
    expect(wizard.settings).toMatchObject({ learningRate: 2e-4, epochs: 1 });
    wizard.set('plan', 'epochs', undefined);
    expect(wizard.settings).toMatchObject({ epochs: 4 });
    expect(wizard.content.settings).toBeUndefined();
  });

  it('follow the method', () => {
    wizard.set('plan', 'method', 'lora');
    expect([wizard.method, wizard.settings.learningRate]).toEqual(['lora', 1e-3]);
    expect(wizard.settingsFor('full').learningRate).toBe(2e-4);
    wizard.set('plan', 'method', undefined);
    expect(wizard.method).toBe('full');
  });

  it('are those of the first answer for its method, and of the comparison for the others', () => {
    const planned = { ...proposal.methods.find(({ method }) => method === 'full')!.planned! };
    const runSettings = { learningRate: 5e-5, epochs: 2 };
    wizard.chosen = { method: 'full', planned: { ...planned, runSettings }, figures: {} as never };
    expect(wizard.settings).toEqual({ method: 'full', learningRate: 5e-5, epochs: 2 });
    expect(wizard.settingsFor('lora').learningRate).toBe(1e-3);
    wizard.change('model', { modelId: 'small' });
    expect(wizard.chosen).toBeNull();
  });

  it('are forgotten when the model or the rows change, and not by other changes', () => {
    wizard.change('plan', { wish: 'tonight', wishHours: 3 });
    wizard.set('plan', 'epochs', 2);
    expect(wizard.proposal).toBe(proposal);
    wizard.change('model', { modelId: 'small' });
    expect(wizard.proposal).toBeNull();
    wizard.proposal = proposal;
    wizard.change('data', { evalPaths: ['/held.csv'] });
    expect(wizard.proposal).toBeNull();
    expect(wizard.requestFor('lora', 'A name')).toBeNull();
  });

  it('are asked for with what the person has set and what they wish', () => {
    wizard.set('plan', 'epochs', 2);
    expect(wizard.proposeRequest).toMatchObject({ settings: { epochs: 2 }, wish: { kind: 'best' } });
    wizard.change('plan', { wish: 'tonight' });
    expect(wizard.proposeRequest?.wish).toEqual({ kind: 'tonight', hours: 8 });
    wizard.change('plan', { wish: 'own', wishHours: 3 });
    expect(wizard.proposeRequest?.wish).toEqual({ kind: 'best' });
  });

  it('of a repeated run are its own, whether something is proposed or not', () => {
    wizard.change('plan', { from: 'run', settings: { epochs: 7 } });
    expect(wizard.settings).toEqual({ method: 'lora', epochs: 7 });
    expect(wizard.requestFor('lora', 'Again')).toMatchObject({ settings: { method: 'lora', epochs: 7 } });
  });

  it('make a request with the mended file and without empty questions', () => {
    wizard.change('data', { mended: { out: '/m.jsonl', fixes: ['x'] }, evalPaths: ['/held.csv'] });
    wizard.proposal = proposal;
    wizard.change('plan', { prompts: [' What? ', '  '] });
    expect(wizard.requestFor('lora', 'A name')).toMatchObject({
      name: 'A name',
      modelId: 'practice',
      data: { paths: ['/m.jsonl'] },
      evalPaths: ['/held.csv'],
      prompts: ['What?'],
      settings: { learningRate: 1e-3 },
    });
    wizard.change('data', { data: undefined });
    expect(wizard.requestFor('lora', 'A name')).toBeNull();
  });
});
