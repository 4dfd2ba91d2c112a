/** Data, and the drafts in which the wizard remembers what was chosen of it. */
import type { DoctorProgress, DraftContent } from '../../common/api/contract.ts';
import { pathsIn } from '../app/allowed.ts';
import { channel } from '../app/channel.ts';
import { check, edit, fix, look, preview, rowsToEdit, sampleSets, split, undo } from '../app/data.ts';
import type { Parts } from '../app/parts.ts';
import type { Implementer } from './router.ts';

export function dataCalls(os: Implementer, parts: Parts) {
  return {
    samples: os.data.samples.handler(() => sampleSets()),
    look: os.data.look.handler(({ input, signal }) => look(parts, input, signal)),
    split: os.data.split.handler(({ input }) => split(parts, input)),
    preview: os.data.preview.handler(({ input, signal }) => preview(parts, input, signal)),
    check: os.data.check.handler(({ input, signal }) =>
      channel<DoctorProgress>((send) => check(parts, input, send, signal)),
    ),
    fix: os.data.fix.handler(({ input }) => fix(parts, input, input.fixes)),
    rows: os.data.rows.handler(({ input, signal }) => rowsToEdit(parts, input, signal)),
    edit: os.data.edit.handler(({ input }) => edit(parts, input.data, input)),
    undo: os.data.undo.handler(({ input }) => undo(parts, input.file)),
  };
}

export function draftCalls(os: Implementer, { store: { drafts }, allowed }: Parts) {
  return {
    list: os.drafts.list.handler(() => drafts.list()),
    save: os.drafts.save.handler(async ({ input }) => {
      const content = input.content as DraftContent;
      // what stands in a draft may be read, also after the next start
      await allowed.read(pathsIn(content));
      return drafts.save(input.id, content);
    }),
    discard: os.drafts.discard.handler(({ input }) => drafts.discard(input.id)),
  };
}
