/** Settings of `fettle rows`. */
import { PER_PASSAGE } from '../../../common/extras/documents/calls.ts';
import { COMPUTED_BY, seed } from '../../../common/settings/computing.ts';
import { path, paths, setting, whole } from '../../../common/settings/row.ts';
import { speaking } from '../../../common/settings/speaking.ts';

export const DOCUMENT_SETTINGS = [
  setting('from', 'Files', {
    type: paths,
    required: true,
    about: 'documents to write rows about: .pdf, .docx, .html, .md or .txt, or folders of them',
    value: 'FILE',
    alsoCalled: ['input'],
    repeats: true,
  }),
  setting('out', 'Files', {
    type: path,
    required: true,
    about: 'new JSON Lines file for the rows',
    value: 'FILE',
    alsoCalled: ['output', 'output-file'],
  }),
  ...speaking('writes the rows', ['adapter']),
  setting('perPassage', 'Rows', {
    type: whole(1, 10),
    default: PER_PASSAGE,
    about: 'rows to ask for about each passage',
  }),
  seed,
  COMPUTED_BY[0],
] as const;
