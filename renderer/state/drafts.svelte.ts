/** What was begun in the wizard and not started yet. */
import type { Draft, DraftContent } from '../../common/api/contract.ts';
import { api } from '../api.ts';

class Drafts {
  list = $state.raw<readonly Draft[]>([]);
  loaded = $state(false);

  async refresh(): Promise<void> {
    this.list = await api.drafts.list();
    this.loaded = true;
  }

  /** Keeps a draft, a new one where `id` is missing. */
  async save(id: string | undefined, content: DraftContent): Promise<Draft> {
    const draft = await api.drafts.save(id === undefined ? { content } : { id, content });
    this.list = [draft, ...this.list.filter((each) => each.id !== draft.id)];
    return draft;
  }

  async discard(id: string): Promise<void> {
    await api.drafts.discard({ id });
    this.list = this.list.filter((each) => each.id !== id);
  }
}

export const drafts = new Drafts();
