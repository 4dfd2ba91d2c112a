import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedSettings, draftOf, parseRun } from '../../../main/app/run-config.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
beforeEach(async () => {
  opened = await testParts();
});
afterEach(() => opened.remove());

const FILES = { model: '/m', data: ['/d.csv'], out: '/o' };

describe('parseRun', () => {
  it('reads what a draft holds: names with dots, and lists as a form has them', () => {
    const config = parseRun({
      ...FILES,
      'lora.rank': 4,
      'lora.targets': 'q_proj, v_proj',
      newTokens: '<a> <b>',
    });
    expect(config.lora).toMatchObject({ rank: 4, alpha: 8, targets: ['q_proj', 'v_proj'] });
    expect(config.newTokens).toEqual(['<a>', '<b>']);
    expect(parseRun({ ...FILES, 'lora.targets': 'all-linear' }).lora.targets).toBe('all-linear');
  });

  it('names each wrong setting as the page does', () => {
    expect(() => parseRun({ ...FILES, 'lora.rank': 0, replayData: '/r', replay: 0 })).toThrow(
      '“Rank” must be a whole number from 1 to 4096; got 0.',
    );
    expect(() => parseRun({ ...FILES, replayData: '/r' })).toThrow('“General text” needs “Replay”');
  });
});

describe('changedSettings', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['nothing', {}, {}],
    ['a rank, from which alpha follows', { lora: { rank: 4 } }, { 'lora.rank': 4 }],
    ['an alpha of its own', { lora: { rank: 4, alpha: 4 } }, { 'lora.rank': 4, 'lora.alpha': 4 }],
    ['the method, from which the rates follow', { method: 'full' }, { method: 'full' }],
    ['steps in place of epochs', { maxSteps: 7 }, { maxSteps: 7 }],
    ['both', { maxSteps: 7, epochs: 3 }, { maxSteps: 7, epochs: 3 }],
    ['a length, from which the batch follows', { maxLength: 2048 }, { maxLength: 2048 }],
    ['layers', { lora: { targets: ['q_proj'] } }, { 'lora.targets': ['q_proj'] }],
    ['a share of zero', { heldOut: 0 }, { heldOut: 0 }],
  ])('finds %s', (_, given, expected) => {
    const config = parseRunConfig({ ...FILES, ...given });
    expect(changedSettings(config)).toEqual(expected);
  });

  it('leads back to the same configuration, whatever was changed', () => {
    const given = {
      ...{ method: 'full', learningRate: 1e-4, evalData: '/e.csv', replay: 0.1, earlyStopping: 2, seed: 7 },
      ...{ samplePrompts: ['Hi'], map: 'text=a', gradientAccumulation: 4, tokensPerMicroBatch: 512 },
    };
    const config = parseRunConfig({ ...FILES, ...given });
    const settings = changedSettings(config);
    const { evalData, samplePrompts, map } = config;
    const again = { ...FILES, evalData, samplePrompts, map, ...settings };
    expect(parseRun(again)).toEqual(config);
  });

  it('refuses a run.json with a setting that there is not', () => {
    expect(() => changedSettings({ ...FILES, method: 'lora', lr: 1 })).toThrow('There is no setting');
  });

  it('has a device that a person named, and none that Fettle chose', () => {
    const named = parseRunConfig({ ...FILES, device: 'webgpu' });
    expect(changedSettings(named)).toEqual({ device: 'webgpu' });
    const chosen = parseRunConfig({ ...FILES, device: 'webgpu', deviceWhy: 'It was faster.', seed: 3 });
    expect(changedSettings(chosen)).toEqual({ seed: 3 });
    // its engine, too, unless only a person can have named it
    const onGgml = { ...chosen, device: 'cpu', executor: 'ggml' };
    expect(changedSettings(onGgml)).toEqual({ seed: 3 });
    const { deviceWhy: _, ...byHand } = onGgml;
    expect(changedSettings(byHand)).toEqual({ device: 'cpu', executor: 'ggml', seed: 3 });
    expect(changedSettings({ ...onGgml, executor: 'reference' })).toEqual({ executor: 'reference', seed: 3 });
    // a device of earlier versions is chosen again
    for (const device of ['cuda', 'dml']) expect(changedSettings({ ...chosen, device })).toEqual({ seed: 3 });
    expect(changedSettings({ ...named, device: 'cuda' })).toEqual({});
  });
});

describe('draftOf', () => {
  it('holds everything that repeats a run', () => {
    const model = addModel(opened.store);
    const config = parseRunConfig({
      ...FILES,
      model: model.path,
      evalData: '/e.csv',
      system: 'Be kind.',
      epochs: 1,
    });
    const run = opened.store.runs.create({
      ...{ name: 'Shop', state: 'done', folder: path.join(opened.folder, 'runs', 'shop'), modelId: null },
      ...{ model: 'Tiny', data: 'd.csv', config, prompts: ['Hi'], machine: {}, versions: {}, from: null },
    });
    const draft = draftOf(opened.parts, run, run.config);
    expect(draft).toEqual({
      ...{ name: 'Shop, again', step: 'plan', computerSeen: true, modelId: model.id, from: run.id },
      ...{ data: { paths: ['/d.csv'], system: 'Be kind.' }, evalPaths: ['/e.csv'], prompts: ['Hi'] },
      settings: { epochs: 1 },
    });
    const again = draftOf(opened.parts, { ...run, name: 'Shop, again' }, run.config);
    expect(again.name).toBe('Shop, again 2');
    // a run from before sheets could be named read the first one
    const { sheet: _, ...older } = config;
    expect(draftOf(opened.parts, run, older).data?.sheet).toBe('first');
    const named = { ...config, sheet: 'Answers' };
    expect(draftOf(opened.parts, run, named).data?.sheet).toBe('Answers');
  });
});
