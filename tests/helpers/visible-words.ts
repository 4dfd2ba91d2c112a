/** How many words a person sees on a page: what Fettle says there, without the person's data and texts, figures and what is folded away. */
import type { Page } from 'playwright-core';

/** Classes of what a person or a model has written, and of what only screen readers say. */
const NOT_COUNTED =
  '.visually-hidden, .skip, [aria-hidden=true], .said, .example, .given, .token, [data-own], svg, script, style';

/** Run in the page: the words of its content, in the order in which they stand. */
const WORDS = `(() => {
  const main = document.querySelector('main');
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const words = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest(${JSON.stringify(NOT_COUNTED)})) continue;
    range.selectNodeContents(node);
    if (!node.parentElement.checkVisibility({ visibilityProperty: true }) || range.getClientRects().length === 0) continue;
    words.push(...(node.data.match(/\\p{L}[\\p{L}\\p{N}'’-]*/gu) ?? []));
  }
  return words;
})()`;

/** The words of Fettle's that are seen in the content of the page, over its whole height. */
export async function visibleWords(page: Page): Promise<string[]> {
  return (await page.evaluate(WORDS)) as string[];
}
