/** A blend of a run with its base model, as its page proposes it. */
import { api } from '../../api.ts';
import { router } from '../../router.svelte.ts';

const USUAL = 0.7;

class Blending {
  /** How much of what training changed is kept. */
  strength = $state<number | null>(USUAL);

  /** Makes a run between the base model and the result of this one, and opens it. */
  async make(id: string): Promise<void> {
    const { runId } = await api.blends.blend({ runId: id, strength: this.strength ?? USUAL });
    router.go('run', runId);
  }
}

export const blending = new Blending();
