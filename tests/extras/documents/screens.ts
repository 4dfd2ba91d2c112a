import { button, type Screen, text } from '../../helpers/screens/screen.ts';
import { draft, MODEL } from '../../helpers/screens/wizard.ts';

export const documentScreens: readonly Screen[] = [
  {
    name: 'data-documents',
    title: 'Rows from documents: files and a model',
    at: 'new/data/one',
    world: draft(MODEL),
    act: (page) => button(page, 'From documents').click(),
    ready: text('Larger models write better rows.'),
  },
  {
    name: 'data-documents-review',
    title: 'Rows from documents, reviewed',
    at: 'new/data/one',
    world: draft(MODEL),
    async act(page) {
      await button(page, 'From documents').click();
      const content = { name: 'manual.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-') };
      await page.getByRole('dialog').locator('input[type=file]').setInputFiles(content);
      await button(page, 'Write rows').click();
    },
    ready: text('Use 3 rows'),
    main: true,
  },
];
