/** What `fettle plan` answers: one object for programs, and text for people. */
import { lengthChoices } from '../../plan/lengths.ts';
import { plainSpaces } from '../words.ts';
import type { PlannedHere } from './planning.ts';
import { methodLines, nearestLines, settingLines } from './proposal-text.ts';
import { figuresText } from './text.ts';

/** The object of `--json`; docs/cli.md names its fields. */
export function planJson(found: PlannedHere) {
  const { plan, figures, freeBytes, card, fit, choice, proposal, command, warnings, known } = found;
  // the warning of threads is among the others
  const { lengths: profile, work: _, memory: __, textbook: ___, threadsWarning: ____, ...facts } = plan;
  const { watts, pricePerKwh, currency } = known.costs;
  const { kwh, totalSeconds } = figures;
  const heat = kwh && totalSeconds && watts !== null ? { watts, seconds: totalSeconds.value } : null;
  const lengths = profile ? lengthChoices(profile, plan.contextLength ?? null) : null;
  return {
    ...{ ...facts, lengths, ...figures, heat, watts, pricePerKwh, currency },
    ...{ freeBytes, card, fit, choice, proposal, command, warnings },
  };
}

/** The plan as a person reads it, at most `width` columns wide where it is more than figures. */
export function planText(found: PlannedHere, width: number): string {
  const { plan, figures, freeBytes, choice, card, proposal, isProposed, command, known } = found;
  const lines = figuresText(plan, figures, freeBytes, { choice, card, costs: known.costs });
  if (!proposal)
    return joined([
      ...lines,
      'Propose  full, LoRA and QLoRA side by side, and the best settings for each: add --propose',
    ]);
  const methods = methodLines(proposal, plan.parameters, width);
  const shown = proposal.methods.find(({ method }) => method === found.method)!;
  const nearest = nearestLines(proposal.nearest, known.models, width);
  const why = isProposed ? [] : ['         --propose shows its settings, each with its reason'];
  const train = command === null ? [] : [`Train    ${command}`, ...why];
  return isProposed
    ? joined([
        ...methods,
        ...settingLines(shown.method, shown.planned, width),
        ...lines,
        ...nearest,
        ...train,
      ])
    : joined([...lines, ...methods, ...nearest, ...train]);
}

/** What common/words wrote, as a terminal shows it. */
const joined = (lines: readonly string[]) => plainSpaces(`${lines.join('\n')}\n`);
