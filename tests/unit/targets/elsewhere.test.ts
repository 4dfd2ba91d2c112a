import { describe, expect, it } from 'vitest';
import { differsElsewhere, refusedElsewhere, settingsElsewhere } from '../../../common/settings/elsewhere.ts';
import { PLANNED_REPLAY } from '../../../common/settings/forgetting.ts';
import { nestedSettings } from '../../../common/settings/form.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { ruledSettings } from '../../../main/plan/defaults.ts';
import { situationOf } from '../../helpers/fake-price.ts';

const parsed = (given: object) => parseRunConfig({ model: 'm', data: 'd', out: 'o', ...given });

describe('settings of a training elsewhere', () => {
  it('are usual ones that nothing speaks against', () => {
    for (const method of ['lora', 'full']) {
      expect(refusedElsewhere(parsed({ method }))).toEqual([]);
      expect(differsElsewhere(parsed({ method }))).toEqual([]);
    }
  });

  it.each([
    [{ objective: 'dpo' }, '{objective} dpo'],
    [{ newTokens: ['<a>'] }, '{newTokens}'],
    [{ replay: 0.1 }, '{replay} needs {replayData}'],
    [{ stayClose: 1 }, '{stayClose}'],
    [{ precision: 'int8' }, '{precision} int8'],
    [{ method: 'full', masterBits: 16 }, '{masterBits} 16'],
  ])('are refused by name: %o', (given, words) => {
    const refused = refusedElsewhere(parsed(given));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain(words);
  });

  it('differ where bitsandbytes has another format, and with dropout', () => {
    expect(differsElsewhere(parsed({ method: 'qlora' }))).toHaveLength(1);
    expect(differsElsewhere(parsed({ method: 'qlora', quant: 'nf4' }))).toEqual([]);
    expect(differsElsewhere(parsed({ lora: { dropout: 0.1 } }))).toHaveLength(1);
  });
});

it('leaves open what a plan has chosen for this computer, and keeps what a person has set', () => {
  const planned = { precision: 'int8', masterBits: 16, 'lora.rank': 8 };
  expect(settingsElsewhere(planned, {})).toEqual({ 'lora.rank': 8 });
  expect(settingsElsewhere(planned, { precision: 'int8' })).toEqual({ precision: 'int8', 'lora.rank': 8 });
});

it('can be trained with what the rules choose, also where they mix in general rows here', () => {
  const situation = situationOf({
    model: { parameters: 134_515_008, contextLength: 8192 },
    ...{ rows: 360, task: 'label' },
  });
  const ruled = ruledSettings('lora', situation);
  expect(ruled.replay).toBe(PLANNED_REPLAY);
  expect(refusedElsewhere(parsed(nestedSettings(ruled) as object))).toHaveLength(1);
  expect(refusedElsewhere(parsed(nestedSettings(settingsElsewhere(ruled, {})) as object))).toEqual([]);
});
