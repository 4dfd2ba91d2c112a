/** Documents of the fake API: always the same rows. */
import { implement } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import type { DocumentProgress } from '../../../common/extras/documents/calls.ts';

export function fakeDocuments() {
  const os = implement(contract).documents;
  return { write: os.write.handler(() => written()) };
}

/** What a model wrote about a manual, and what of it was left out. */
async function* written(): AsyncGenerator<DocumentProgress> {
  const rows = [
    [
      'How often does the filter need cleaning?',
      'Once a month.',
      'Clean the filter once a month.',
      'Cleaning',
    ],
    [
      'What may the lamp not be cleaned with?',
      'Not with alcohol.',
      'Never clean the lamp with alcohol.',
      'Cleaning',
    ],
    ['How long is the guarantee?', 'Three years.', 'The guarantee lasts three years.', 'Guarantee'],
  ] as const;
  yield { passages: { done: 0, all: 2 } };
  for (const [question, answer, quote, heading] of rows)
    yield { proposed: { question, answer, quote, passage: quote, source: `manual.pdf, page 3, ${heading}` } };
  yield { passages: { done: 2, all: 2 } };
  const leftOut = { unquoted: 2, foreign: 0, repeated: 1, unwritten: 0 };
  yield { done: { documents: 1, passages: 2, rows: 3, leftOut, out: null, seconds: 40 } };
}
