/** Asks both models what they can do, kind by kind: the trained one only what the base model can. */
import type { AbilityFigures } from '../../../../common/protocol/protocol.ts';
import { sum } from '../../../../common/values.ts';
import { say } from '../../../../common/words/language.ts';
import { type AbilityItem, abilityFigures, knownItems } from './abilities.ts';
import { type Effort, textTokens } from './budget.ts';
import type { Subject } from './subject.ts';

/** Null where there are no such questions. */
export async function askAbilities(
  items: readonly AbilityItem[],
  { before, after }: Readonly<Record<'before' | 'after', Subject>>,
  effort: Effort,
): Promise<AbilityFigures | null> {
  if (items.length === 0) return null;
  const ask = (subject: Subject, asked: readonly AbilityItem[]) =>
    effort.part(say`Abilities`, abilityTokens(asked), (tell) => subject.choices(asked, tell));
  const then = await ask(before, items);
  const now = await ask(after, knownItems(items, then));
  return abilityFigures(items, { before: then, after: now });
}

/** Prompt tokens of questions with all their options, about. */
export function abilityTokens(items: readonly AbilityItem[]): number {
  return sum(items.map(({ question, options }) => textTokens([question, ...options].join(' '))));
}
