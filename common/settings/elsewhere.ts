/** A run that is trained on another computer with PyTorch: which of its settings are refused before anything is sent, and which come out differently. */
import { ofRow } from '../values.ts';
import { ROWS, type RunConfig, settingOf, valueAt } from './table.ts';

/** Why a run with these settings can't be trained elsewhere; settings in braces. Nothing where it can. */
export const refusedElsewhere = (config: RunConfig): string[] => sentences(config, 'refused');

/** How its numbers differ there from those of this computer. */
export const differsElsewhere = (config: RunConfig): string[] => sentences(config, 'differs');

function sentences(config: RunConfig, check: 'refused' | 'differs'): string[] {
  return ROWS.flatMap(
    ({ name, elsewhere }) => ofRow(elsewhere?.[check], valueAt(config, name), config) || [],
  );
}

/** Settings of a plan, by names with dots, for a training elsewhere; `own`: those that the person has set. */
export function settingsElsewhere<Value>(
  settings: Readonly<Record<string, Value>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !settingOf(name)?.elsewhere?.isOpen || name in own),
  );
}
