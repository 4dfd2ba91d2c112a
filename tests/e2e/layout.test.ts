/** What people see on a screen, measured in a real Chromium: lines, boxes, axes, and what is still there after a look elsewhere. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { FakeWorld } from '../helpers/fake-api/world.ts';
import { type OpenScreen, settled } from '../helpers/screens.ts';
import { screenNamed, staged } from '../helpers/staged.ts';

const LARGE = { width: 1280, height: 800 };
const LARGEST = { width: 1600, height: 900 };
const SMALL = { width: 1024, height: 680 };
const { hasBrowser, show } = await staged();

/** Opens a screen by its name, in a window of `size`, and hands it to `look`. */
async function at<Found>(
  name: string,
  size: typeof LARGE,
  look: (page: Page, world: FakeWorld) => Promise<Found>,
): Promise<Found> {
  const screen = screenNamed(name);
  let shown: OpenScreen | undefined;
  try {
    const worlds: FakeWorld[] = [];
    shown = await show({
      ...screen,
      world(world) {
        screen.world?.(world);
        worlds.push(world);
      },
    });
    await shown.page.setViewportSize(size);
    await settled(shown.page);
    return await look(shown.page, worlds[0]!);
  } finally {
    await shown?.close();
  }
}

/** Run in the page: what `find` matches in its text and stands on more than one line. */
const PARTED = (find: RegExp) => `(() => {
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    for (const match of node.data.matchAll(${find})) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(match[0]);
    }
  return found;
})()`;
/** Run in the page: what `find` matches in its text and would stand on more than one line where there is no room at all. */
const PARTABLE = (find: RegExp) => `(() => {
  const found = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const nodes = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode()) nodes.push(node);
  for (const { data, parentElement } of nodes)
    for (const [match] of data.matchAll(${find})) {
      const narrow = document.createElement('span');
      narrow.style.cssText = 'position: absolute; width: 1px; overflow-wrap: normal';
      narrow.textContent = match;
      parentElement.append(narrow);
      const range = document.createRange();
      range.selectNodeContents(narrow);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(match);
      narrow.remove();
    }
  return found;
})()`;
const WITH_UNIT = /\d[\s\u00a0]?(?:%|[kMG]?B|s|min|h|tokens\/s)(?![\p{L}\p{N}])/gu;

/** Run in the page before its scripts: keeps what is written on canvases, and where. */
const WATCH_CANVAS = `(() => {
  // asked for once by each test in this tab
  if (window.written) return;
  window.written = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
    const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right } = this.measureText(text);
    const ends = [-left, right].map((dx) => this.getTransform().transformPoint(new DOMPoint(x + dx, y)));
    const { width, height } = this.canvas;
    const isCut = ends.some((end) => end.x < 0 || end.y < 0 || end.x > width || end.y > height);
    window.written.push({ text, isCut, isBelow: ends[0].y > height - 45 * devicePixelRatio && ends[1].x > 70 * devicePixelRatio });
    return write.call(this, text, x, y, ...more);
  };
})()`;
interface Written {
  readonly text: string;
  readonly isCut: boolean;
  readonly isBelow: boolean;
}

describe.skipIf(!hasBrowser)('a plot', () => {
  test('without data says so on one line', async () => {
    const heights = await at('training-waiting', SMALL, (page) =>
      page.evaluate(`[...document.querySelectorAll('.plot .empty')].map((place) => {
        const range = document.createRange();
        range.selectNodeContents(place);
        return range.getBoundingClientRect().height;
      })`),
    );
    expect((heights as number[]).map((height) => height > 0 && height < 30)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test.each([LARGE, SMALL])(
    'of steps has whole ones below it, and nothing cut off, at $width',
    async (size) => {
      const written = await at('training', size, async (page) => {
        await page.addInitScript(WATCH_CANVAS);
        await page.reload();
        const plot = page.locator('.u-over').first();
        await plot.waitFor();
        await settled(page);
        const box = (await plot.boundingBox())!;
        await page.mouse.move(box.x + 200, box.y + 50);
        await page.mouse.down();
        await page.mouse.move(box.x + 226, box.y + 50, { steps: 5 });
        await page.mouse.up();
        await settled(page);
        return (await page.evaluate('window.written')) as Written[];
      });
      expect(written.length).toBeGreaterThan(40);
      expect(written.filter(({ isCut }) => isCut)).toEqual([]);
      const below = written.filter(({ isBelow, text }) => isBelow && /^\d/.test(text));
      expect(below.length).toBeGreaterThan(10);
      expect(below.map(({ text }) => text).filter((text) => text.includes('.'))).toEqual([]);
    },
  );
});

test.skipIf(!hasBrowser)('the last of many steps is written in full', async () => {
  const written = await at('compare', LARGE, async (page, world) => {
    world.runs = world.runs.map((run) => ({ ...run, step: 12_000 }));
    await page.addInitScript(WATCH_CANVAS);
    await page.reload();
    await page.locator('.u-over').first().waitFor();
    await settled(page);
    return (await page.evaluate('window.written')) as Written[];
  });
  expect(written.map(({ text }) => text)).toContain('12,000');
  expect(written.filter(({ isCut }) => isCut)).toEqual([]);
});

describe.skipIf(!hasBrowser)('a number', () => {
  test.each(['plan', 'computer', 'result-learned', 'model-all'])('stays with its unit: %s', async (name) => {
    const parted = await at(name, LARGE, async (page) => {
      const found = new Set<unknown>();
      // another width may show other words; whether they can be parted does not depend on it
      for (const width of [860, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        for (const one of (await page.evaluate(PARTABLE(WITH_UNIT))) as unknown[]) found.add(one);
      }
      return [...found];
    });
    expect(parted).toEqual([]);
  });
});

describe.skipIf(!hasBrowser)('the history', () => {
  test.each([LARGEST, LARGE, SMALL])('shows names in full, and every column, at $width', async (size) => {
    const seen = await at('history', size, (page) =>
      page.evaluate(`(() => {
        const scroll = document.querySelector('[role=table] .scroll');
        const names = [...document.querySelectorAll('[role=row] a.name')].map((name) => {
          const cell = name.parentElement;
          const end = cell.getBoundingClientRect().right - parseFloat(getComputedStyle(cell).paddingRight);
          return [name.textContent, Math.max(0, Math.round(name.getBoundingClientRect().right - end))];
        });
        const heads = [...document.querySelectorAll('[role=columnheader]')];
        return {
          sideways: scroll.scrollWidth - scroll.clientWidth,
          name: heads[1].clientWidth >= 200,
          rows: names.length > 5,
          models: [...document.querySelectorAll('[role=cell]')].filter((cell) =>
            /SmolLM2|Qwen2/.test(cell.textContent) && cell.scrollWidth > cell.clientWidth).length,
          cut: names.filter(([, over]) => over > 0),
          heads: heads.filter((head) => head.scrollWidth > head.clientWidth).map((head) => head.textContent.trim()),
        };
      })()`),
    );
    const models = size === SMALL ? expect.any(Number) : 0;
    expect(seen).toEqual({ sideways: 0, name: true, rows: true, models, cut: [], heads: [] });
  });

  test('counts on while a run trains', async () => {
    await at('history', LARGE, async (page, world) => {
      await page.getByText('2 min 6 s').first().waitFor();
      world.runs = world.runs.map((run, index) => (index === 0 ? { ...run, seconds: 187 } : run));
      await page.getByText('3 min 7 s').first().waitFor();
    });
  });
});

describe.skipIf(!hasBrowser)('the plan', () => {
  test('shows what the memory of a small model is made of', async () => {
    const { used, parts, isWhole } = await at(
      'plan-memory',
      SMALL,
      (page) =>
        page.evaluate(`(() => {
        const track = document.querySelector('.stacked .track');
        const widths = [...track.querySelectorAll('.part')].map((part) => part.getBoundingClientRect().width);
        return {
          used: widths.reduce((sum, width) => sum + width, 0) / track.clientWidth,
          parts: widths.filter((width) => width > 4).length,
          isWhole: getComputedStyle(track).maskImage === 'none',
        };
      })()`) as Promise<{ used: number; parts: number; isWhole: boolean }>,
    );
    expect(used).toBeGreaterThan(0.2);
    expect(used).toBeLessThan(0.5);
    expect(parts).toBeGreaterThan(1);
    expect(isWhole).toBe(false);
  });

  test('draws no box around figures that are worked out again', async () => {
    const marks = await at('plan-comparing', SMALL, (page) =>
      page.evaluate(`[...document.querySelectorAll('.following.old')].map((old) => {
        const { outlineStyle, color } = getComputedStyle(old);
        return [outlineStyle, color === getComputedStyle(document.querySelector('.soft')).color];
      })`),
    );
    expect(marks).not.toEqual([]);
    expect(new Set((marks as unknown[]).map(String))).toEqual(new Set(['none,true']));
  });
});

test.skipIf(!hasBrowser)('a dialog without buttons has no footer', async () => {
  const footers = await at('data-source', SMALL, async (page) => {
    await page
      .getByRole('button', { name: /Browse Fettle's computer/ })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    const shown = await page
      .getByRole('dialog')
      .locator('footer')
      .evaluateAll((all) => all.map((footer) => (footer as { offsetHeight: number }).offsetHeight));
    return shown.filter((height) => height > 0);
  });
  expect(footers).toEqual([]);
});

test.skipIf(!hasBrowser)(
  'a conversation is there after a look elsewhere, with what was being typed',
  async () => {
    await at('use-chat', LARGE, async (page) => {
      const asked = page.getByRole('log').getByText('My parcel is broken.');
      await page.getByRole('textbox', { name: 'Message' }).fill('And my invoice?');
      await page.getByRole('tab', { name: 'Details' }).click();
      await asked.waitFor({ state: 'detached' });
      await page.getByRole('tab', { name: 'Use it' }).click();
      await asked.waitFor();
      await page.getByRole('link', { name: 'Settings' }).click();
      await asked.waitFor({ state: 'detached' });
      await page.goBack();
      await asked.waitFor();
      expect(await page.getByRole('textbox', { name: 'Message' }).inputValue()).toBe('And my invoice?');
    });
  },
);

test.skipIf(!hasBrowser)('the name of a column stays on one line', async () => {
  expect(await at('data-columns', SMALL, (page) => page.evaluate(PARTED(/\bmessage\b/g)))).toEqual([]);
});

test.skipIf(!hasBrowser)(
  'a click that begins on one run and ends on the next to come there selects neither',
  async () => {
    await at('history', SMALL, async (page) => {
      await page
        .getByRole('checkbox', { name: /^Select/ })
        .first()
        .hover();
      await page.mouse.down();
      await page.getByRole('searchbox', { name: 'Search' }).fill('humorous');
      await page.getByRole('row', { name: /Formal tone 3/ }).waitFor({ state: 'detached' });
      await page
        .getByRole('row', { name: /Humorous tone/ })
        .first()
        .waitFor();
      await page.mouse.up();
      await settled(page);
      expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0);
      // and where nothing moves a click selects
      await page
        .getByRole('checkbox', { name: /^Select Humorous/ })
        .first()
        .click();
      expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(1);
    });
  },
);

describe.skipIf(!hasBrowser)('on a phone', () => {
  const PHONE = { width: 390, height: 844 };

  test('the pages stand in one line, in which the open one is seen', async () => {
    const seen = await at('settings', PHONE, (page) =>
      page.evaluate(`(() => {
        const box = (selector) => document.querySelector(selector).getBoundingClientRect();
        const open = box('nav [aria-current=page]');
        return { height: box('nav').height, isSeen: open.left >= 0 && open.right <= innerWidth };
      })()`),
    );
    expect(seen).toEqual({ height: expect.any(Number), isSeen: true });
    expect((seen as { height: number }).height).toBeLessThan(110);
  });

  test('the history shows each verdict in full', async () => {
    const seen = await at('history', PHONE, (page) =>
      page.evaluate(`(() => {
        const scroll = document.querySelector('[role=table] .scroll');
        const { right } = scroll.getBoundingClientRect();
        const cells = [...document.querySelectorAll('[role=row] [role=cell]:nth-child(3)')];
        return {
          sideways: scroll.scrollWidth - scroll.clientWidth,
          verdicts: cells.length > 5,
          cut: cells.filter((cell) => cell.scrollWidth > cell.clientWidth || cell.getBoundingClientRect().right > right + 1).length,
        };
      })()`),
    );
    expect(seen).toEqual({ sideways: 0, verdicts: true, cut: 0 });
  });
});
