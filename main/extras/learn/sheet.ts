/** A sheet of the course as PDF: its text is put into a page of plain HTML, escaped, which the host draws. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { Sheet, SheetBlock } from '../../../common/extras/learn/course-calls.ts';
import { language, say } from '../../../common/words/language.ts';
import type { Parts } from '../../app/parts.ts';

const STYLES = `
@page { size: A4; margin: 18mm 16mm; }
body { font: 11pt/1.45 system-ui, sans-serif; color: #111; }
h1 { font-size: 18pt; margin: 0 0 2mm; }
h2 { font-size: 13pt; margin: 8mm 0 2mm; break-after: avoid; }
p { margin: 0 0 2mm; }
ul { list-style: none; margin: 0 0 3mm; padding: 0; }
li { padding-left: 6mm; text-indent: -6mm; }
section div { break-inside: avoid; }
.line { border-bottom: 0.3mm solid #999; height: 8mm; }
.line:last-child { margin-bottom: 4mm; }
.right { font-weight: 600; }
`;

const BOX = { empty: '☐', right: '☑' };

export async function sheetPdf({ host }: Pick<Parts, 'host'>, sheet: Sheet, out: string) {
  if (!host.printPdf)
    throw new AppError(
      'no-pdf',
      say`Fettle can't write PDF files here.`,
      say`Print the sheet in your browser.`,
    );
  const folder = await mkdtemp(path.join(tmpdir(), 'fettle-sheet-'));
  try {
    const page = path.join(folder, 'sheet.html');
    await writeFile(page, sheetHtml(sheet));
    const file = out.toLowerCase().endsWith('.pdf') ? out : `${out}.pdf`;
    await host.printPdf(page, file);
    return { path: file };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function sheetHtml({ title, lead, parts }: Sheet): string {
  const sections = parts.map(
    (part) => `<section><h2>${escaped(part.title)}</h2>${part.blocks.map(blockHtml).join('')}</section>`,
  );
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;
  const head = `<meta charset="utf-8">${policy}<title>${escaped(title)}</title><style>${STYLES}</style>`;
  const body = `<h1>${escaped(title)}</h1><p>${escaped(lead)}</p>${sections.join('')}`;
  return `<!doctype html><html lang="${language()}"><head>${head}</head><body>${body}</body></html>\n`;
}

function blockHtml({ text, choices, lines }: SheetBlock): string {
  const items = choices.map(({ text: choice, isRight }) => {
    const box = isRight ? BOX.right : BOX.empty;
    return `<li${isRight ? ' class="right"' : ''}>${box} ${escaped(choice)}</li>`;
  });
  const list = items.length > 0 ? `<ul>${items.join('')}</ul>` : '';
  return `<div><p>${escaped(text)}</p>${list}${'<div class="line"></div>'.repeat(lines)}</div>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.toWellFormed().replace(/[&<>"]/g, (character) => entities[character]!);
}
