/** A person's visit to the application: a host with an empty home, a browser at its first page, and the person there. */
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type Person, personAt } from './person.ts';
import { openPage, startWebApp } from './web-app.ts';

export interface Visit {
  readonly page: Page;
  /** The folder of Fettle's own files. */
  readonly home: string;
  readonly person: Person;
  /** Errors of the page and its console; a test ends by expecting none. */
  readonly errors: readonly string[];
  /** Closes the browser, and ends the host with all that it holds. */
  close(): Promise<void>;
}

/** `env`: beside the host's environment. */
export async function beginVisit(env: Readonly<Record<string, string>> = {}): Promise<Visit> {
  const [browser, app] = await Promise.all([launchBrowser(), startWebApp(undefined, env)]);
  const { page, errors } = await openPage(browser, app);
  return {
    page,
    home: app.home,
    person: personAt(page),
    errors,
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

/** From the start page: a table of the person's own, dropped to be sorted. Leaves off where its rows are shown. */
export async function dropToSort(
  { page, person }: Pick<Visit, 'page' | 'person'>,
  name: string,
  table: string,
): Promise<void> {
  await person.click(page.getByRole('link', { name: 'Tune a model on my data' }));
  await person.sees(person.heading('What can this computer do?'));
  await person.click(person.step(/^Your goal/));
  await person.click(page.getByText('Sort and extract', { exact: true }));
  await person.click(person.button('Continue'));
  await person.sees(person.heading('What should the model learn from?'));
  await person.drop(name, table);
}
