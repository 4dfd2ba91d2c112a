import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readDocument } from '../../../main/rows/documents/read-document.ts';
import { type ExtraFuzz, type Reader, type Seed, seedOf } from '../../campaign/fuzz/reader.ts';
import { docx, type PdfLine, pdf } from './made.ts';

const never = new AbortController().signal;

const PAGE: readonly PdfLine[] = [
  ['The lamp', 18, 700],
  ['It shines in blue, and some-', 11, 670],
  ['times in green.', 11, 656],
];
const MARKDOWN =
  '# Lamp\n\nIt **shines** in [blue](x.html).\n\nCare\n----\n```\n# no heading\n```\n* `one`\n> two\n';
const HTML = `<!doctype html><html><head><title>no</title></head><body><nav><a href="/">Home</a></nav>
  <h1>The <em>lamp</em></h1><p>It is blue.<br>Or green &amp; grey.</p><p hidden>secret</p>
  <ul><li>First<li>Second</ul><table><tr><th>Size</th><td>20 cm</td></tr></table></body></html>`;
const DOCX = docx(
  [
    { text: 'The lamp', style: 'one' },
    {
      xml: '<w:r><w:t>It is </w:t></w:r><w:del><w:r><w:t>not </w:t></w:r></w:del><w:r><w:t>blue.</w:t></w:r>',
    },
    '<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Size</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>20</w:t></w:r></w:p></w:tc></w:tr></w:tbl>',
  ],
  { one: 'heading 1' },
);

/** A document, read here: ten thousand processes take too long. */
function documentReader(name: string, seeds: readonly Seed[]): Reader {
  return {
    name,
    hasStrays: true,
    open: async (folder) => ({
      seeds,
      async read(bytes, seed) {
        const file = path.join(folder, seed);
        writeFileSync(file, bytes);
        await readDocument(file, never);
      },
    }),
  };
}

export const documentFuzz: ExtraFuzz = {
  calls: { '/documents/write': { paths: ['/data/manual.pdf'], of: { modelId: 'm' }, perPassage: 3 } },
  readers: [
    documentReader('pdf', [
      seedOf('one.pdf', 'text', pdf([PAGE])),
      seedOf('many.pdf', 'bytes', pdf([PAGE, [['Care', 18, 700]], PAGE, [['1', 9, 30]]])),
    ]),
    documentReader('docx', [seedOf('made.docx', 'zip', DOCX)]),
    documentReader('web pages and text', [
      seedOf('page.html', 'text', Buffer.from(HTML)),
      seedOf('lamp.md', 'text', Buffer.from(MARKDOWN)),
      seedOf('lamp.txt', 'text', Buffer.from('One.\r\n\r\nTwo.')),
    ]),
  ],
};
