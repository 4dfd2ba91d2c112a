/** Documents for tests, as small as they can be: Word files and PDFs with their text at places. */
import { strToU8, zipSync } from 'fflate';

const WORD = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A paragraph of a Word file: its text, or its inner XML, and the id of its style. */
export interface Paragraph {
  readonly text?: string;
  readonly xml?: string;
  readonly style?: string;
}

/** The bytes of a Word file; `styles` names them by their ids, as Word in another language does. */
export function docx(
  body: readonly (Paragraph | string)[],
  styles: Readonly<Record<string, string>> = {},
): Uint8Array {
  const paragraphs = body.map((one) => {
    if (typeof one === 'string') return one;
    const { text = '', xml = `<w:r><w:t>${escaped(text)}</w:t></w:r>`, style } = one;
    return `<w:p>${style === undefined ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}${xml}</w:p>`;
  });
  const named = Object.entries(styles).map(
    ([id, name]) => `<w:style w:styleId="${id}"><w:name w:val="${name}"/></w:style>`,
  );
  const parts = {
    'word/document.xml': `<w:document xmlns:w="${WORD}"><w:body>${paragraphs.join('')}</w:body></w:document>`,
    'word/styles.xml': `<w:styles xmlns:w="${WORD}">${named.join('')}</w:styles>`,
  };
  return zipSync(Object.fromEntries(Object.entries(parts).map(([name, xml]) => [name, strToU8(xml)])));
}

/** A line of a page: its text, the size of its letters, its place above the lower edge. */
export type PdfLine = readonly [text: string, size: number, y: number];

/** The bytes of a PDF with those lines on its pages. */
export function pdf(pages: readonly (readonly PdfLine[])[]): Uint8Array {
  const objects: string[] = ['', ''];
  const add = (content: string) => objects.push(content);
  const font = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>');
  const kids = pages.map((lines) => {
    const shown = lines.map(([text, size, y]) => {
      const literal = text.replace(/[\\()]/g, '\\$&');
      return `BT /F1 ${size} Tf 1 0 0 1 72 ${y} Tm (${literal}) Tj ET`;
    });
    const stream = shown.join('\n');
    const content = add(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
    const resources = `<< /Font << /F1 ${font} 0 R >> >>`;
    return add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources ${resources} /Contents ${content} 0 R >>`,
    );
  });
  objects[0] = '<< /Type /Catalog /Pages 2 0 R >>';
  objects[1] = `<< /Type /Pages /Count ${kids.length} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] >>`;
  let file = '%PDF-1.4\n';
  const places = objects.map((content, index) => {
    const at = file.length;
    file += `${index + 1} 0 obj\n${content}\nendobj\n`;
    return at;
  });
  const table = places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const end = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file + end + trailer, 'latin1');
}
