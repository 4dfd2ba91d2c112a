/** What a run's files tell a model card, and that nothing is made up where they are missing. */
import { afterAll, describe, expect, it } from 'vitest';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { runFacts } from '../../../../main/engine/export/source.ts';
import { temporaryFolder, writeJson } from '../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

const factsOf = (settings: object) => {
  const config = parseRunConfig({
    model: '/m',
    data: ['/d/rows.jsonl', '/d/more.csv'],
    out: folder,
    ...settings,
  });
  return runFacts({ model: '/m', adapter: `${folder}/adapter`, run: { folder, config } });
};

describe('the facts of a run', () => {
  it('are its settings alone where it has measured nothing', async () => {
    const { settings, scores, verdict } = await factsOf({});
    expect(settings).toContainEqual(['data', 'rows.jsonl, more.csv']);
    expect(settings.map(([name]) => name).join()).not.toMatch(/general rows|pull back|steps/);
    expect(scores).toEqual([]);
    expect(verdict).toBeNull();
  });

  it('name what was done against forgetting', async () => {
    const { settings } = await factsOf({ replay: 0.15, stayClose: 10 });
    expect(settings).toContainEqual(['general rows mixed in', '15%']);
    expect(settings).toContainEqual(['pull back to where the weights began', '10']);
  });

  it('name losses and scores before and after, and leave out what was not measured', async () => {
    writeJson(`${folder}/result.json`, {
      steps: 9,
      bestStep: 6,
      heldOutLoss: 0.5,
      heldOutLossBefore: 2.25,
    });
    const share = (value: number) => ({ value, low: value, high: value });
    writeJson(`${folder}/assessment.json`, {
      verdict: { sentence: 'learned: yes' },
      answers: {
        variants: [
          { variant: 'before', right: share(0.1) },
          { variant: 'after', right: share(0.915) },
        ],
      },
      forgetting: { quiz: { total: { before: share(0.9), after: share(0.85) } } },
    });
    const { settings, scores, verdict } = await factsOf({});
    expect(settings).toContainEqual(['steps', '9 (weights of step 6)']);
    expect(scores).toEqual([
      { name: 'loss on held-out rows', before: '2.2500', after: '0.5000' },
      { name: 'right answers on held-out rows', before: '10.0%', after: '91.5%' },
      { name: 'general quiz', before: '90.0%', after: '85.0%' },
    ]);
    expect(verdict).toBe('learned: yes');
  });
});
