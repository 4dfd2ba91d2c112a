/**
 * Word documents and web pages as blocks: both are trees of marked-up text. Of a Word document its main part is read, headings by the
 * names and outline levels of their styles; of a web page what is no menu, script or button.
 */
import { unzipSync } from 'fflate';
import { Parser } from 'htmlparser2';
import { type Block, Blocks, DocumentFault } from './block.ts';

const PARTS = ['word/document.xml', 'word/styles.xml'];
/** Unpacked bytes of a part. */
const MOST_BYTES = 200e6;
/** Copies of text for older programs, text that was deleted, and where a field comes from. */
const SKIPPED_PARTS = new Set(['mc:Fallback', 'w:del', 'w:moveFrom', 'w:instrText']);

export function docxBlocks(bytes: Uint8Array): Block[] {
  const parts = unzipSync(bytes, {
    filter({ name, originalSize }) {
      if (!PARTS.includes(name)) return false;
      if (originalSize > MOST_BYTES) throw new DocumentFault('too-long');
      return true;
    },
  });
  const [main, styles] = PARTS.map((name) => parts[name]);
  if (main === undefined) throw new Error('it has no main part');
  const decoder = new TextDecoder();
  return blocksOf(decoder.decode(main), styles ? headingStyles(decoder.decode(styles)) : new Map());
}

/** Levels of headings by the ids of their styles, whose names are English in every language of Word. */
function headingStyles(xml: string): Map<string, number> {
  const levels = new Map<string, number>();
  let style = '';
  read(xml, {
    onopentag(name, at) {
      if (name === 'w:style') style = at['w:styleId'] ?? '';
      const [, byName] = name === 'w:name' ? (/^heading ([1-6])$/i.exec(at['w:val'] ?? '') ?? []) : [];
      const level = byName === undefined ? outlineLevel(name, at) : Number(byName);
      if (name === 'w:name' && /^title$/i.test(at['w:val'] ?? '')) levels.set(style, 1);
      if (level > 0) levels.set(style, level);
    },
  });
  return levels;
}

type Attributes = Readonly<Record<string, string>>;

/** Word counts them from 0, and 9 is text. */
function outlineLevel(name: string, at: Attributes): number {
  const level = name === 'w:outlineLvl' ? Number(at['w:val']) : Number.NaN;
  return level >= 0 && level < 6 ? level + 1 : 0;
}

function blocksOf(xml: string, styles: ReadonlyMap<string, number>): Block[] {
  const blocks = new Blocks();
  let [text, level, skipped, tables, isText] = ['', 0, 0, 0, false];
  let cells: string[] = [];
  const ending: Readonly<Record<string, () => void>> = {
    'w:p'() {
      if (tables === 0) blocks.add(level, text);
      if (tables === 0) text = '';
      else text += '\n';
      level = 0;
    },
    'w:tc'() {
      if (tables > 1) return;
      cells.push(text.trim());
      text = '';
    },
    'w:tr'() {
      if (tables > 1) return;
      blocks.add(0, cells.filter((cell) => cell !== '').join(' | '));
      cells = [];
    },
    'w:tbl'() {
      tables--;
    },
    'w:t'() {
      isText = false;
    },
  };
  read(xml, {
    onopentag(name, at) {
      if (skipped > 0 || SKIPPED_PARTS.has(name)) {
        skipped++;
        return;
      }
      if (name === 'w:tbl') tables++;
      else if (name === 'w:t') isText = true;
      else if (name === 'w:tab') text += ' ';
      else if (name === 'w:br' || name === 'w:cr') text += '\n';
      else if (name === 'w:pStyle') level = styles.get(at['w:val'] ?? '') ?? level;
      else if (name === 'w:outlineLvl') level = outlineLevel(name, at);
    },
    ontext(piece) {
      if (isText && skipped === 0) text += piece;
    },
    onclosetag(name) {
      if (skipped > 0) skipped--;
      else ending[name]?.();
    },
  });
  return blocks.list;
}

function read(xml: string, handler: ConstructorParameters<typeof Parser>[0]): void {
  new Parser(handler, { xmlMode: true }).end(xml);
}

const words = (names: string) => new Set(names.split(' '));
const SKIPPED = words('script style template noscript nav footer aside button select svg head iframe object');
/** Elements that begin a paragraph of their own. */
const ENDING = words(
  'p div section article main header ul ol li dl dt dd table tr blockquote pre figure figcaption address hr body details summary',
);
const HEADING = /^h([1-6])$/;

export function htmlBlocks(html: string): Block[] {
  const blocks = new Blocks();
  let [text, level, skipped] = ['', 0, 0];
  const end = () => {
    blocks.add(level, text);
    text = '';
  };
  const parser = new Parser({
    onopentag(name, { hidden, 'aria-hidden': silent }) {
      if (skipped > 0 || SKIPPED.has(name) || hidden !== undefined || silent === 'true') {
        skipped++;
        return;
      }
      const heading = HEADING.exec(name);
      if (heading || ENDING.has(name)) end();
      if (heading) level = Number(heading[1]);
      else if (name === 'li') text = '- ';
      else if (name === 'br') text += '\n';
      else if ((name === 'td' || name === 'th') && text !== '') text += ' | ';
    },
    ontext(piece) {
      if (skipped === 0) text += piece.replace(/\s+/g, ' ');
    },
    onclosetag(name) {
      if (skipped > 0) {
        skipped--;
        return;
      }
      const isHeading = HEADING.test(name);
      if (isHeading || ENDING.has(name)) end();
      if (isHeading) level = 0;
    },
  });
  parser.end(html);
  end();
  return blocks.list;
}
