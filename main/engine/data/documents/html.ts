/** A web page as blocks, without what stands around its text: menus, scripts, buttons. */
import { Parser } from 'htmlparser2';
import { type Block, Blocks } from './block.ts';

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
