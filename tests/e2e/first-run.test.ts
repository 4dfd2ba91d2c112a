/**
 * A new user at the first screen, who has read nothing: check the computer, choose a goal, the bundled model and a sample,
 * start, and read the verdict. Real host, real engine, real browser; the clicks are counted.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../helpers/person.ts';
import { beginVisit, VISIT_MS, type Visit } from '../helpers/visit.ts';

const MOST_CLICKS = 12;
const WHOLE_RUN_MS = 600_000;

let visit: Visit;
let page: Page;
let person: Person;

beforeAll(async () => {
  visit = await beginVisit();
  ({ page, person } = visit);
}, VISIT_MS);

afterAll(() => visit?.close());

describe('from the first screen to a verdict', () => {
  test(
    'with at most twelve clicks, without reading documentation',
    async () => {
      await person.sees(person.heading('What can this computer do?'));
      const began = Date.now();
      await person.click(person.button('Check this computer'));
      await person.sees(/This computer can fine-tune/, 120_000);
      await person.click(person.button('Continue'));

      await person.sees(person.heading('What should the model do differently?'));
      await person.click(page.getByText('Sort and extract', { exact: true }).first());
      await person.click(person.button('Continue'));

      await person.sees(person.heading('Which model do you start from?'));
      await person.click(person.button('Practice model'));
      await person.click(person.button('Continue'));

      await person.sees(person.heading('What should the model learn from?'));
      await person.click(page.getByRole('button', { name: /Support messages/ }));
      await person.sees(page.getByText(/rows, all of them readable/));
      await person.click(person.button('Continue'));

      await person.sees(person.heading('What will it take?'));
      await person.sees(page.getByText(/of training/).first());
      await person.click(person.button('Start training'));

      await person.sees(page.getByRole('tab', { name: 'Training' }));
      await person.sees(page.getByText(/step [\d,]+ of [\d,]+/).first());
      await person.sees(
        page.getByText(/It learned|Partly|partly|did not learn/).first(),
        WHOLE_RUN_MS - 60_000,
      );
      console.info(
        `${person.clicks()} clicks and ${Math.round((Date.now() - began) / 1000)} s from the first screen to the verdict`,
      );
      expect(person.clicks()).toBeLessThanOrEqual(MOST_CLICKS);
      expect(visit.errors).toEqual([]);
    },
    WHOLE_RUN_MS,
  );

  test('the run stands in the history, with its verdict', async () => {
    await page.getByRole('link', { name: 'History' }).click();
    await person.sees(person.heading('History'));
    await person.sees(page.getByRole('row', { name: /support-messages with Practice model/ }).first());
    expect(visit.errors).toEqual([]);
  });
});
