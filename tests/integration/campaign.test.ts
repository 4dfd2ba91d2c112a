/** The campaign in its short form. `npm run campaign` runs the long one, whose table is in docs/reliability.md. */
import { describe, expect, it } from 'vitest';
import { ATTACKS, campaign } from '../campaign/campaign.ts';

describe.skipIf(process.platform !== 'linux')('the campaign, in short', () => {
  it.each(ATTACKS.map(({ name }) => name))('%s: nothing lost, nobody in', async (name) => {
    const rows = await campaign({ size: 'short', seed: 1, only: [name], note: () => {} });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.flatMap(({ thing, failures }) => failures.map((one) => `${thing}: ${one}`))).toEqual([]);
    for (const { cases } of rows) expect(cases).toBeGreaterThan(0);
  });
});
