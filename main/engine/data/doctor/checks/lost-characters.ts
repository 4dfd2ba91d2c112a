/** Characters that a wrong reading has destroyed: what they were cannot be known any more. */
import { type FindingKind, textCheck } from '../finding.ts';

const KIND: FindingKind = {
  code: 'lost-characters',
  title: 'Lost characters (�)',
  severity: 'warning',
  why: 'The replacement character stands where a letter was: the model learns words with holes.',
  rule: 'U+FFFD in a text. Read the original file again with the right encoding where you can: nothing else brings the letters back.',
  fix: { name: 'lost-characters', does: 'leaves these rows out', safe: false },
};

const LOST = '\ufffd';

export const lostCharacters = {
  ...textCheck(KIND, { find: (text) => text.indexOf(LOST) }),
  mend: (row: Parameters<NonNullable<ReturnType<typeof textCheck>['mend']>>[0]) =>
    row.turns.some(({ content }) => content.includes(LOST)) ? null : row,
};
