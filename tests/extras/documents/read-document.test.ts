import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDocument } from '../../../main/rows/documents/read-document.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';
import { docx, type PdfLine, pdf } from './made.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const never = new AbortController().signal;

function read(name: string, content: string | Uint8Array) {
  const file = path.join(folder.folder, name);
  writeFileSync(file, content);
  return readDocument(file, never);
}

describe('text and Markdown', () => {
  it('have paragraphs, and Markdown headings without its marks', async () => {
    const markdown =
      '# Lamp\n\nIt **shines** in [blue](x.html).\nAlways.\n\nCare\n----\n```\n# no heading\n```\n';
    expect(await read('a.md', markdown)).toEqual([
      { level: 1, text: 'Lamp' },
      { level: 0, text: 'It shines in blue.\nAlways.' },
      { level: 2, text: 'Care' },
      { level: 0, text: '# no heading' },
    ]);
    expect(await read('a.txt', 'One.\r\n\r\nTwo.')).toEqual([
      { level: 0, text: 'One.' },
      { level: 0, text: 'Two.' },
    ]);
  });

  it('are decoded', async () => {
    const [block] = await read(
      'a.txt',
      Buffer.from('Die Lampe ist schön und groß, sie kostet 20 \x80.', 'latin1'),
    );
    expect(block?.text).toBe('Die Lampe ist schön und groß, sie kostet 20 €.');
  });
});

describe('HTML', () => {
  it('is its text without what stands around it', async () => {
    const html = `<!doctype html><html><head><title>no</title><style>p{}</style></head><body>
      <nav><a href="/">Home</a></nav><h1>The  <em>lamp</em></h1><p>It is blue.<br>Or green &amp; grey.</p>
      <script>alert(1)</script><p hidden>secret</p><ul><li>First<li>Second</ul>
      <table><tr><th>Size</th><td>20 cm</td></tr></table><footer>© us</footer></body></html>`;
    expect(await read('page.html', html)).toEqual([
      { level: 1, text: 'The lamp' },
      { level: 0, text: 'It is blue.\nOr green & grey.' },
      { level: 0, text: '- First' },
      { level: 0, text: '- Second' },
      { level: 0, text: 'Size | 20 cm' },
    ]);
  });
});

describe('Word', () => {
  it('has headings by what their styles are called in English, and no deleted text', async () => {
    const body = [
      { text: 'Die Lampe', style: 'berschrift1' },
      {
        xml: '<w:r><w:t>Sie ist </w:t></w:r><w:del><w:r><w:t>nicht </w:t></w:r></w:del><w:r><w:t>blau.</w:t></w:r>',
      },
      '<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Maß</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>20 cm</w:t></w:r></w:p></w:tc></w:tr></w:tbl>',
      { text: 'Pflege', style: 'berschrift2' },
    ];
    expect(await read('a.docx', docx(body, { berschrift1: 'heading 1', berschrift2: 'heading 2' }))).toEqual([
      { level: 1, text: 'Die Lampe' },
      { level: 0, text: 'Sie ist blau.' },
      { level: 0, text: 'Maß | 20 cm' },
      { level: 2, text: 'Pflege' },
    ]);
  });
});

describe('PDF', () => {
  const page = (number: number, ...lines: PdfLine[]): PdfLine[] => [
    ['The lamp, a manual', 9, 800],
    ...lines,
    [String(number), 9, 30],
  ];

  it('has headings by size, paragraphs by gaps, and no lines that come on every page', async () => {
    const bytes = pdf([
      page(
        1,
        ['Cleaning', 18, 700],
        ['Clean the fil-', 11, 670],
        ['ter once a month.', 11, 656],
        ['Use no soap.', 11, 620],
      ),
      page(2, ['Wipe it with a cloth that', 11, 700]),
      page(3, ['is dry.', 11, 700], ['Guarantee', 18, 640], ['It lasts three years.', 11, 610]),
    ]);
    expect(await read('manual.pdf', bytes)).toEqual([
      { level: 1, text: 'Cleaning', page: 1 },
      { level: 0, text: 'Clean the filter once a month.', page: 1 },
      { level: 0, text: 'Use no soap.', page: 1 },
      { level: 0, text: 'Wipe it with a cloth that is dry.', page: 2 },
      { level: 1, text: 'Guarantee', page: 3 },
      { level: 0, text: 'It lasts three years.', page: 3 },
    ]);
  });

  it('may be one line of many pieces, or one paragraph of many lines', async () => {
    const pieces = Array.from({ length: 40_000 }, (_, i) => [`a${i}`, 11, 400] as const);
    const [line] = await read('line.pdf', pdf([pieces]));
    expect(line?.text).toHaveLength('a0'.length * 10 + 90 * 3 + 900 * 4 + 9000 * 5 + 30_000 * 6);
    // as small as dust, so that all of them are within the page
    const place = (i: number) => Number((820 - 0.0066 * i).toFixed(4));
    const lines = Array.from({ length: 120_000 }, (_, i): PdfLine => [`w${i} of it`, 0.005, place(i)]);
    const [paragraph, ...others] = await read(
      'long.pdf',
      pdf([[['Lamp', 0.005, 820.0066], ...lines, ['End', 0.005, 9]]]),
    );
    expect(others).toEqual([]);
    expect(paragraph?.text.split(' ')).toHaveLength(120_000 * 3 + 2);
  });

  it('of pictures says what to do', async () => {
    await expect(read('scan.pdf', pdf([[]]))).rejects.toMatchObject({ code: 'document-pictures' });
  });
});

describe('a hostile file', () => {
  it('is refused where it is damaged or something else', async () => {
    await expect(read('a.pdf', '%PDF-1.7\nnothing')).rejects.toMatchObject({ code: 'document-damaged' });
    await expect(read('a.docx', docx([]).subarray(0, 200))).rejects.toMatchObject({
      code: 'document-damaged',
    });
    await expect(read('a.txt', randomBytes(4000))).rejects.toMatchObject({ code: 'document-unknown' });
    await expect(read('a.docx', zipSync({ 'x.bin': strToU8('x') }))).rejects.toMatchObject({
      code: 'document-unknown',
    });
    await expect(read('a.html', '<!doctype html><script>1</script>')).rejects.toMatchObject({
      code: 'document-empty',
    });
  });

  it('is refused where it unpacks to too much', async () => {
    // what its directory promises is what would be made room for
    const bomb = Buffer.from(docx([{ text: 'Hello.' }]));
    const entry = bomb.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    bomb.writeUInt32LE(2 ** 31, entry + 24);
    await expect(read('bomb.docx', bomb)).rejects.toMatchObject({ code: 'document-too-long' });
  });

  it('is left alone when nobody wants it any more', async () => {
    const file = path.join(folder.folder, 'a.txt');
    writeFileSync(file, 'text');
    const stop = new AbortController();
    const reading = readDocument(file, stop.signal);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });
});
