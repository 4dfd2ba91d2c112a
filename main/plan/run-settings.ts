/** The settings of a plan under the names of run.json, `lora.rank` with a dot, and back. */
import type { PlanMethod, PlanSettings } from '../../common/api/contract.ts';
import { fieldsFrom, plannedRow, readInPlan } from '../../common/settings/plan.ts';
import { valueAt } from '../../common/settings/table.ts';

type RunSettings = Readonly<Record<string, unknown>>;

const FIELDS = fieldsFrom(
  ...(['rank', 'maxLength', 'tokensPerMicroBatch', 'gradientAccumulation', 'epochs'] as const),
  ...(['learningRate', 'weightDecay', 'warmupRatio', 'warmupSteps', 'maxSteps', 'heldOut'] as const),
  ...(['device', 'executor'] as const),
);

/** What a run is asked for: what else the person has set, and over it the settings of a plan. */
export function runSettingsOf(settings: PlanSettings, own: RunSettings = {}): Record<string, unknown> {
  return { ...own, ...asked(settings), method: settings.method };
}

/** What saves memory, where it is not as a run has it anyway. */
export function unusual(settings: Partial<PlanSettings>): Record<string, unknown> {
  return asked(
    Object.fromEntries(
      FIELDS.filter((field) => plannedRow(field).plan.anyway).map((field) => [field, settings[field]]),
    ),
  );
}

/** Values by the names of run.json, without what a run has anyway. */
function asked(settings: Partial<PlanSettings>): Record<string, unknown> {
  const entries = FIELDS.flatMap((field): [string, unknown][] => {
    const { name, plan } = plannedRow(field);
    const value = settings[field] ?? null;
    const anyway = typeof plan.anyway === 'function' ? plan.anyway(settings) : plan.anyway;
    return value === null || anyway?.includes(value) ? [] : [[name, value]];
  });
  return Object.fromEntries(entries);
}

/** The settings of a plan among those of a run, given flat or as a tree; what is no value there is for the engine to refuse. */
export function planSettingsOf(run: RunSettings): Partial<PlanSettings> {
  const entries = FIELDS.flatMap((field): [string, unknown][] => {
    const row = plannedRow(field);
    const value = readInPlan(row, run[row.name] ?? valueAt(run, row.name));
    const isChosen = field === 'device' && run.deviceWhy !== undefined;
    return value === undefined || isChosen ? [] : [[field, value]];
  });
  return Object.fromEntries(entries);
}

/** Whether a value names a method. */
export function isMethod(value: unknown): value is PlanMethod {
  return readInPlan(plannedRow('method'), value) !== undefined;
}
