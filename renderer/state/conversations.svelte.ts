/** The kept conversations, the one that was changed last first. */
import type { ConversationRow } from '../../common/api/contract.ts';
import { api } from '../api.ts';

class Conversations {
  all = $state.raw<readonly ConversationRow[]>([]);

  async refresh(): Promise<void> {
    this.all = await api.conversations.list();
  }

  /** Deletes one; gives a function that brings it back. */
  async remove(id: string): Promise<() => Promise<void>> {
    const { content } = await api.conversations.get({ id });
    await api.conversations.remove({ id });
    await this.refresh();
    return async () => {
      await api.conversations.save({ id, content });
      await this.refresh();
    };
  }
}

export const conversations = new Conversations();
