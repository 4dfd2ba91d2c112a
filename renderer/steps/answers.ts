/** The answer of each step in one line, and in words why a step needs attention. */
import { machine } from '../state/host.svelte.ts';
import { wizard } from '../state/wizard.svelte.ts';
import type { StepId } from '../state/wizard-steps.ts';
import { goalText } from '../text/goals.ts';
import { wizard as text } from '../text/wizard.ts';
import { dataText } from '../text/wizard-data.ts';
import { plan } from '../text/wizard-plan.ts';
import { dataName } from './names.ts';

const ANSWERS: Readonly<Record<StepId, () => string | undefined>> = {
  computer: () => {
    const { facts } = machine;
    return wizard.content.computerSeen && facts
      ? text.computer.answer(facts.processor, facts.freeMemory)
      : undefined;
  },
  goal: () => goalText(wizard.content.goal)?.short,
  model: () => wizard.model?.name,
  data: () => {
    const { data } = wizard.content;
    return (
      data && dataText.answer(wizard.look?.problem ? null : (wizard.look?.rows ?? null), dataName(data.paths))
    );
  },
  plan: () => {
    const { planSeen, figures, method } = wizard;
    return planSeen && figures ? plan.answer(method, figures.seconds) : undefined;
  },
};

export function answerOf(step: StepId): string | undefined {
  return ANSWERS[step]();
}

export function concernText(step: StepId): string | undefined {
  const concern = wizard.concernOf(step);
  if (concern === null) return undefined;
  return concern.kind === 'touched' ? text.concerns.touched[concern.by] : text.concerns[concern.kind];
}
