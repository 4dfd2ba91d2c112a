/**
 * Through what each card can be used, and where not, why and what to do. `usable` is said of the way: its
 * driver, its library and its package are there. Whether Fettle computes there is another question, answered
 * by MEASURABLE and told in the reason.
 */

import type { Access } from '../../../common/api/contract.ts';
import { type ExtraWay, isMeasurable } from '../../../common/settings/executors.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { type Card, type Finding, fails, isConsoleChip, kindOf, type Ways } from './card.ts';
import { webgpuAccess } from './webgpu.ts';

type CoreWay = Exclude<Access['through'], ExtraWay>;

/** All ways of a card, usable or not; `extras` are those through the libraries of extras. */
export function accessOf(
  card: Card,
  ways: Ways,
  extras: Readonly<Record<ExtraWay, (card: Card, ways: Ways) => Finding>>,
): readonly Access[] {
  const core: Readonly<Record<CoreWay, Finding>> = {
    webgpu: drawsOnly(card) ?? webgpuAccess(card, ways),
  };
  const others = Object.entries<(card: Card, ways: Ways) => Finding>(extras).map(([way, find]) => [
    way,
    drawsOnly(card) ?? find(card, ways),
  ]);
  const found = { ...core, ...Object.fromEntries(others) } as Readonly<Record<Access['through'], Finding>>;
  return (Object.keys(found) as Access['through'][]).map((through) => ({
    through,
    ...withFettle(found[through], through),
  }));
}

function withFettle(finding: Finding, through: Access['through']): Finding {
  if (!finding.usable) return finding;
  const what = isMeasurable(through)
    ? say`Fettle uses it when it was measured to be faster, or when you choose it.`
    : say`Fettle uses it only when you choose it.`;
  return { ...finding, reason: `${finding.reason}${marks().gap}${what}` };
}

function drawsOnly(card: Card): Finding | null {
  if (isConsoleChip(card)) return fails(say`This chip draws the screen of a server and can’t compute.`);
  if (kindOf(card) === 'virtual')
    return fails(
      say`This card exists only in a virtual machine or as a remote screen, and can’t compute.`,
      say`Give the virtual machine access to a real card, or run Fettle outside it.`,
    );
  return null;
}
