/** A first question for watching the training, taken from the rows that are measured on, or else from the data. */
import type { DataLook, DraftContent } from '../../../common/api/contract.ts';
import { wizard } from '../../state/wizard.svelte.ts';

const LONGEST = 2000;
let suggested: string | null = null;

/** Questions in the first rows of a look, each once. */
export function questionsIn(look: DataLook | null): string[] {
  const asked = (look?.first ?? []).flatMap(({ kind, turns }) => {
    const question = kind === 'text' ? undefined : turns.find(({ role }) => role === 'user')?.content.trim();
    return question && question.length <= LONGEST ? [question] : [];
  });
  return [...new Set(asked)];
}

/** Fills in a question where the person has not been asked for one yet. */
export function suggestPrompt(): void {
  const { content, look, heldOutLook } = wizard;
  if (content.prompts !== undefined || content.from !== undefined || look === null) return;
  if (content.evalPaths !== undefined && heldOutLook === null) return;
  const [question] = questionsIn(heldOutLook ?? look);
  if (question === undefined) return;
  suggested = question;
  wizard.change('plan', { prompts: [question] });
}

/** With other data a suggested question goes; one that the person has written stays. */
export function forgetSuggested(): { prompts?: DraftContent['prompts'] | undefined } {
  const prompts = wizard.content.prompts;
  const isOwn = prompts !== undefined && !(prompts.length === 1 && prompts[0] === suggested);
  return isOwn ? {} : { prompts: undefined };
}
