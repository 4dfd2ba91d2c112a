/** The course's sheets as PDF files of the real Electron, in German: pressed by hand, read back, with fonts of their own. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findElectron } from '../../../main/serve/electron-program.ts';
import german from '../../../words/de/pages/learn-course.json' with { type: 'json' };
import { type BuiltHome, buildHome } from '../../helpers/built-home.ts';
import { launchElectron, writeHeld } from '../../helpers/real-electron.ts';

const found = findElectron(path.resolve(import.meta.dirname, '../../..'));
const { lessons, teacher } = german.courseText;

/** The text of each page, without spaces: a line is broken anywhere. */
async function pagesOf(bytes: Uint8Array): Promise<string[]> {
  const pdf = await getDocumentProxy(bytes, { verbosity: 0 });
  const pages: string[] = [];
  for (let number = 1; number <= pdf.numPages; number++) {
    const { items } = await (await pdf.getPage(number)).getTextContent();
    pages.push(bare((items as readonly { str?: string }[]).map(({ str = '' }) => str).join('')));
  }
  await pdf.loadingTask.destroy();
  return pages;
}

function bare(text: string): string {
  return text.normalize('NFKC').replaceAll(/\s/g, '');
}

describe.runIf('program' in found)('the sheets of the course', () => {
  let built: BuiltHome;
  let app: ElectronApplication;
  let page: Page;
  let home: string;

  beforeAll(async () => {
    if (!('program' in found)) return;
    home = mkdtempSync(path.join(tmpdir(), 'fettle-sheets-'));
    built = await buildHome({ pages: true });
    ({ app, page } = await launchElectron(found.program, writeHeld(built.folder), home));
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByLabel('Language', { exact: true }).click();
    await page.getByRole('option', { name: 'Deutsch', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Einstellungen' }).waitFor();
    await page.getByRole('link', { name: 'Lernen', exact: true }).click();
    await page.getByRole('link', { name: german.courseText.title, exact: true }).click();
    await page.getByRole('link', { name: teacher.title }).click();
  });
  afterAll(async () => {
    await app?.close();
    built?.remove();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  const texts = [
    ['worksheet', lessons.memory.question],
    ['solutions', lessons.memory.feedback.weights],
  ] as const;
  test.each(texts)(
    '%s: pages with text in the chosen language, and its fonts in the file',
    async (id, words) => {
      const out = path.join(home, `${teacher.files[id]}.pdf`);
      await app.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = async () => ({ canceled: false, filePath });
      }, out);
      // what is hidden from the eye may stand after a space
      const button = { name: new RegExp(`^${teacher.pdf} ?: ${teacher[id]}$`) };
      await page.getByRole('button', button).click();
      await expect.poll(() => existsSync(out)).toBe(true);
      await page.getByText(teacher.saved.replace('{path}', out)).waitFor();
      const bytes = readFileSync(out);
      const raw = bytes.toString('latin1');
      const descriptors = raw.match(/\/Type \/FontDescriptor[\s\S]*?endobj/g) ?? [];
      expect(descriptors.length).toBeGreaterThan(0);
      expect(descriptors.filter((one) => !/\/FontFile[23]? /.test(one))).toEqual([]);
      const pages = await pagesOf(new Uint8Array(bytes));
      expect(pages.length).toBeGreaterThan(1);
      expect(pages.filter((text) => text === '')).toEqual([]);
      expect(pages[0]).toContain(bare(`${german.courseText.title}: ${teacher[id]}`));
      expect(pages.join('')).toContain(bare(words));
    },
  );
});
