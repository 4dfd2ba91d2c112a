import { describe, expect, it } from 'vitest';
import {
  areOtherRows,
  concernOf,
  dataInUse,
  type Findings,
  isStep,
  isWorthKeeping,
  lengthLimit,
  missingStep,
  nextStep,
  previousStep,
  STEPS,
  sampleChoice,
  stateOf,
  stepsOf,
  touchedBy,
} from '../../../renderer/state/wizard-steps.ts';

const nothing: Findings = {
  modelAvailable: null,
  dataFailed: false,
  rows: null,
  harms: 0,
  planSeen: false,
  tooBig: false,
  touched: {},
};
const answered = { computerSeen: true, goal: 'sort', modelId: 'm', data: { paths: ['/a.csv'] } } as const;
const known: Findings = { ...nothing, modelAvailable: true, rows: 600, planSeen: true };

describe('states of the steps', () => {
  it('are all to do in an empty run', () => {
    expect(new Set(STEPS.map((step) => stateOf(step, {}, nothing)))).toEqual(new Set(['todo']));
  });

  it('are done once they are answered and nothing is wrong', () => {
    const sorted = { ...answered, sorterId: 's' };
    expect(new Set(STEPS.map((step) => stateOf(step, sorted, known)))).toEqual(new Set(['done']));
    expect(stateOf('sorter', answered, known)).toBe('todo');
  });

  it.each([
    ['model', { modelAvailable: false }, 'model-gone'],
    ['data', { dataFailed: true }, 'data-unreadable'],
    ['data', { rows: 0 }, 'no-rows'],
    ['data', { harms: 2 }, 'harm'],
    ['plan', { tooBig: true }, 'memory'],
  ] as const)('%s needs attention for %o', (step, change, kind) => {
    expect(concernOf(step, answered, { ...known, ...change })).toEqual({ kind });
    expect(stateOf(step, answered, { ...known, ...change })).toBe('attention');
  });

  it('a concern of its own comes before a change elsewhere', () => {
    const findings = { ...known, harms: 1, touched: { data: 'model' as const } };
    expect(concernOf('data', answered, findings)).toEqual({ kind: 'harm' });
    expect(concernOf('data', answered, { ...findings, harms: 0 })).toEqual({ kind: 'touched', by: 'model' });
  });

  it('a step that was never answered has no concern', () => {
    expect(concernOf('data', {}, { ...known, dataFailed: true, touched: { data: 'model' } })).toBeNull();
  });
});

describe('what a change touches', () => {
  it('only later steps that have an answer', () => {
    const styled = { ...answered, goal: 'style' } as const;
    expect(touchedBy('model', styled, known)).toEqual(['data', 'plan']);
    expect(touchedBy('model', styled, { ...known, planSeen: false })).toEqual(['data']);
    // to sort, rows come before the model
    expect(touchedBy('model', answered, known)).toEqual(['plan']);
    expect(touchedBy('data', { ...answered, sorterId: 's' }, known)).toEqual(['sorter', 'plan']);
    expect(touchedBy('goal', { goal: 'sort' }, nothing)).toEqual([]);
  });

  it('measuring the computer again and the plan itself touch nothing', () => {
    expect(touchedBy('computer', answered, known)).toEqual([]);
    expect(touchedBy('plan', answered, known)).toEqual([]);
  });
});

describe('what a run needs', () => {
  it('is a model that is there and data that can be read, the first lack first', () => {
    expect(missingStep({}, nothing)).toBe('model');
    expect(missingStep(answered, { ...known, modelAvailable: false })).toBe('model');
    expect(missingStep({ modelId: 'm' }, known)).toBe('data');
    expect(missingStep(answered, { ...known, rows: 0 })).toBe('data');
    expect(missingStep(answered, known)).toBeNull();
    expect(missingStep(answered, { ...known, rows: null })).toBeNull();
  });
});

describe('small rules', () => {
  it('the steps follow one another and end with the plan', () => {
    expect(nextStep('computer', {})).toBe('goal');
    expect(nextStep('plan', {})).toBe('plan');
    expect(previousStep('computer', {})).toBeUndefined();
    expect(previousStep('model', {})).toBe('goal');
  });

  it('to sort, rows and the quick way come before the model, unless a run is repeated', () => {
    const sort = { goal: 'sort' } as const;
    expect(stepsOf(sort)).toEqual(['computer', 'goal', 'data', 'sorter', 'model', 'plan']);
    expect([nextStep('data', sort), previousStep('model', sort)]).toEqual(['sorter', 'sorter']);
    expect(stepsOf({ ...sort, from: 'r' })).not.toContain('sorter');
    expect(stepsOf({ goal: 'style' })).not.toContain('sorter');
    expect(nextStep('sorter', { goal: 'style', step: 'sorter' })).toBe('plan');
  });

  it('other rows want another sorter, another model does not', () => {
    const data = { paths: ['/a.csv'] };
    expect(areOtherRows({ data }, { data: { ...data, map: 'answer=b' } })).toBe(true);
    expect(areOtherRows({ data }, { data, mended: { out: '/m', fixes: [] } })).toBe(true);
    expect(areOtherRows({ data, modelId: 'a' }, { data, modelId: 'b' })).toBe(false);
  });

  it('a step is known by its name', () => {
    expect(isStep('data')).toBe(true);
    expect(isStep('settings')).toBe(false);
    expect(isStep(undefined)).toBe(false);
  });

  it('a draft is worth keeping once something was chosen', () => {
    expect(isWorthKeeping({ computerSeen: true, step: 'goal' })).toBe(false);
    expect(isWorthKeeping({ goal: 'style' })).toBe(true);
    expect(isWorthKeeping({ from: 'run' })).toBe(true);
  });

  it('the mended file is read in place of the data, without its columns and template', () => {
    const data = { paths: ['/a.csv'], map: 'text=a', promptTemplate: '{a}', system: 'Be short.' };
    expect(dataInUse({ data })).toBe(data);
    expect(dataInUse({ data, mended: { out: '/m.jsonl', fixes: ['x'] } })).toEqual({
      paths: ['/m.jsonl'],
      system: 'Be short.',
    });
    expect(dataInUse({ mended: { out: '/m.jsonl', fixes: [] } })).toBeUndefined();
  });
});

describe('the limit on rows before they have been counted', () => {
  it('is what the practice model reads, and for others what is usual', () => {
    expect(lengthLimit({ source: 'practice' })).toBe(256);
    expect(lengthLimit({ source: 'hub' })).toBe(1024);
    expect(lengthLimit(null)).toBe(1024);
  });
});

describe('samples', () => {
  it('the messages to sort are read with their system message, others as they are', () => {
    expect(sampleChoice({ name: 'support-messages', path: '/s.jsonl' }).system).toBe(
      'Sort the messages of customers.',
    );
    expect(sampleChoice({ name: 'formal-tone', path: '/f.jsonl' })).toEqual({ paths: ['/f.jsonl'] });
  });
});
