import { describe, expect, it } from 'vitest';
import { dataName, fileName } from '../../../renderer/state/wizard-steps.ts';
import { plainFlags } from '../../../renderer/text/en/wizard-data.ts';
import { dataText, goals, plan } from '../../../renderer/text/text.ts';

describe('words of the wizard', () => {
  it('speak of no flags of the command line', () => {
    expect(plainFlags('a larger --max-length keeps them')).toBe('a larger length limit keeps them');
    expect(plainFlags('--fix near-duplicates takes care of that.')).toBe(
      'the fix "near duplicates" takes care of that.',
    );
    expect(plainFlags('needs --tokens-per-second')).toBe('needs tokens per second');
    expect(plainFlags('a dash -- here, well-known')).toBe('a dash -- here, well-known');
  });

  it('name settings so that they can be read', () => {
    expect(plan.settingName('tokensPerMicroBatch')).toBe('Tokens at once');
    expect(plan.settingName('saveEveryMinutes')).toBe('Save every minutes');
    expect(plan.settingName('learningRate')).toBe('Learning rate');
    expect(plan.settingName('beta1')).toBe('Beta 1');
    expect(plan.settingName('lora.rank')).toBe('Rank');
  });

  it('a cut inside a bar is a range, at an edge one figure', () => {
    expect(dataText.cutSome(0.3, 0.3)).toBe('30% of the rows are cut off at the limit.');
    expect(dataText.cutSome(0, 0.3)).toContain('Between 0% and 30%');
  });

  it('the longest row of a plan is that of the data, and the limit is told where it cuts', () => {
    expect(plan.cuts(91, 128, 0)).toBe('Longest row: 91 tokens, nothing is cut off');
    expect(plan.cuts(300, 128, 0.25)).toBe(
      'Longest row: 300 tokens, limit 128: 25% of what is learned is cut off',
    );
  });

  it('a plan tells training and comparing apart', () => {
    const training = [
      { part: 'start' as const, seconds: 20 },
      { part: 'steps' as const, seconds: 280 },
    ];
    const comparing = { part: 'assessment' as const, seconds: 360 };
    expect(plan.wholeTime([...training, comparing])).toBe(
      'about 5 minutes of training, then about 6 minutes of comparing',
    );
    expect(plan.wholeTime(training)).toBe('about 5 minutes of training');
  });

  it('there are six goals, each with its honest gate', () => {
    expect(goals.map(({ id }) => id).sort()).toEqual([
      'character',
      'continue',
      'format',
      'knowledge',
      'sort',
      'style',
    ]);
    expect(goals.find(({ id }) => id === 'knowledge')?.gate.text).toContain('RAG');
  });
});

describe('names of files', () => {
  it('are the last part of a path in either spelling', () => {
    expect(fileName('/a/b c.csv')).toBe('b c.csv');
    expect(fileName('C:\\data\\rows.xlsx')).toBe('rows.xlsx');
    expect(fileName('/a/folder/')).toBe('folder');
    expect(dataName(['/a/one.csv', '/a/two.csv', '/a/three.csv'])).toBe('one.csv +2');
    expect(dataName([])).toBe('');
  });
});
