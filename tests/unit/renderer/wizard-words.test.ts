import { describe, expect, it } from 'vitest';
import { settingName } from '../../../common/settings/form.ts';
import { dataName, fileName } from '../../../renderer/state/wizard-steps.ts';
import { dataText, goals, plan } from '../../../renderer/text/text.ts';

describe('words of the wizard', () => {
  it('name settings so that they can be read', () => {
    expect(settingName('tokensPerMicroBatch')).toBe('Tokens at once');
    expect(settingName('saveEveryMinutes')).toBe('Minutes between saves');
    expect(settingName('learningRate')).toBe('Learning rate');
    expect(settingName('beta1')).toBe('Beta 1');
    expect(settingName('lora.rank')).toBe('Rank');
  });

  it('a cut inside a bar is a range, at an edge one figure', () => {
    expect(dataText.cutSome(0.3, 0.3)).toBe('30% of the rows are cut off.');
    expect(dataText.cutSome(0, 0.3)).toContain('0% to 30%');
  });

  it('the longest row of a plan is that of the data, and the limit is told where it cuts', () => {
    expect(plan.cutsNow(91, 128, 0)).toBe('Your longest row has 91 tokens. Nothing is cut off.');
    expect(plan.cutsNow(300, 128, 0.25)).toBe(
      'Your longest row has 300 tokens, the limit is 128. 25% of what is learned is cut off.',
    );
  });

  it('a plan tells time and cost in one line, and less than a cent as that', () => {
    const line = (cost: number | null, kwh: number | null = 0.2) =>
      plan.timeLine(300, kwh, cost, 'EUR').replaceAll('\u00a0', ' ');
    expect(line(0.05)).toBe('about 5 minutes of training, about 0.050 EUR.');
    expect(line(0.004)).toBe('about 5 minutes of training, less than 0.01 EUR.');
    expect(line(null)).toBe('about 5 minutes of training, about 0.20 kWh.');
    expect(line(null, null)).toBe('about 5 minutes of training.');
  });

  it('there are nine goals, each with its honest gate', () => {
    expect(goals.map(({ id }) => id).sort()).toEqual([
      'character',
      'continue',
      'format',
      'knowledge',
      'prefer',
      'sort',
      'style',
      'think',
      'tools',
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
