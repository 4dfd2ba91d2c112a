/** What lies over a page, in tests: menus, lists and dialogs. */
import type { Locator, Page } from 'playwright-core';

/** A click arrives at once, or never. */
const PATIENCE_MS = 20_000;
const LAYERS = '[role=dialog], [role=menu], [role=listbox]:not([role=dialog] *)';
const OPENERS = 'button[aria-haspopup=menu], button[aria-haspopup=listbox]';

/** Waits until nothing lies over the page. */
export const nothingOver = (page: Page): Promise<void> =>
  page.locator(LAYERS).first().waitFor({ state: 'detached', timeout: PATIENCE_MS });

export async function closeWithEsc(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await nothingOver(page);
}

/** Clicks where a thing stands, as a hand does: without waiting until it can be hit. */
export async function clickAt(page: Page, place: Locator): Promise<void> {
  const box = (await place.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/** Goes to another page with the mouse alone; the address says whether the click arrived. */
export async function clickBeneath(page: Page): Promise<void> {
  const isThere = await page.evaluate(`location.hash.startsWith('#/help')`);
  const to = isThere ? 'settings' : 'help';
  await clickAt(page, page.locator(`nav a[href="#/${to}"]`));
  await page.waitForURL((url) => url.hash === `#/${to}`, { timeout: PATIENCE_MS });
}

/** Opens and closes what a screen has, and adds the roles of that to `kinds`; whether there was anything. */
export async function openAndClose(page: Page, kinds: Set<string>): Promise<boolean> {
  const seen = new Set<string>();
  const close = async () => {
    kinds.add((await page.locator(LAYERS).first().getAttribute('role'))!);
    await closeWithEsc(page);
  };
  if ((await page.locator(LAYERS).count()) > 0) {
    seen.add('');
    await close();
  }
  for (const opener of await page.locator(OPENERS).all()) {
    // the menus of a table's rows are one menu
    const name = (await opener.ariaSnapshot()).replace(/".*"/, '');
    if (seen.has(name) || !(await opener.isEnabled())) continue;
    seen.add(name);
    await opener.click();
    await page.locator(LAYERS).first().waitFor();
    await close();
  }
  return seen.size > 0;
}
