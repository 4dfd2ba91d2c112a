/** Drafts: what the wizard remembers between two visits. */
import type { DraftContent } from '../../preload/contract.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';

export function draftCalls(os: Implementer, { store: { drafts } }: Parts) {
  return {
    list: os.drafts.list.handler(() => drafts.list()),
    save: os.drafts.save.handler(({ input }) => drafts.save(input.id, input.content as DraftContent)),
    discard: os.drafts.discard.handler(({ input }) => drafts.discard(input.id)),
  };
}
