/** Whether the new tokens of a run are in its rows: one that is in none keeps the weights with which it began. */
import type { OpenedModel } from '../load/open-model.ts';
import type { EngineEvent } from '../protocol.ts';

/** Tokens that a warning names at most. */
const NAMED = 5;

export interface UnseenTokens {
  /** How many new tokens there are. */
  readonly size: number;
  see(ids: readonly number[]): void;
  /** Says which ones have not been seen. */
  warn(emit: (event: EngineEvent) => void): void;
}

/** The new tokens of `opened`, of which none has been seen yet. */
export function newTokensOf({ added }: Pick<OpenedModel, 'added'>): UnseenTokens {
  const texts = added?.texts ?? [];
  const unseen = new Map(texts.map((text, i) => [added!.first + i, text]));
  return {
    size: texts.length,
    see(ids) {
      if (unseen.size > 0) for (const id of ids) unseen.delete(id);
    },
    warn(emit) {
      if (unseen.size === 0) return;
      const named = [...unseen.values()].slice(0, NAMED).map((text) => JSON.stringify(text));
      const more = unseen.size > NAMED ? ` and ${unseen.size - NAMED} more` : '';
      const are = unseen.size === 1 ? 'token is' : 'tokens are';
      const message = `${unseen.size} new ${are} in no row, so that the model learns nothing of them: ${named.join(', ')}${more}.`;
      emit({ event: 'warning', code: 'new-token-unseen', message });
    },
  };
}
