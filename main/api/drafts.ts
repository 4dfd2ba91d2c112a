/** Drafts: what the wizard remembers between two visits. */
import type { DraftContent } from '../../common/api/contract.ts';
import { pathsIn } from './allowed.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';

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
