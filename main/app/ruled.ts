/** What a training at a terminal is left to choose, by the rules of the plan: the command line and the window begin alike. */
import os from 'node:os';
import { keepsUnasked } from '../../common/settings/lora.ts';
import { valueAt } from '../../common/settings/table.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { ruledNames, ruledSettings } from '../plan/defaults.ts';
import { situationFor } from '../plan/situation-for.ts';
import type { EngineCalls } from '../runs/engine-calls.ts';

/** Values by the names of run.json with dots. */
export type Ruled = Readonly<Record<string, number | boolean>>;

/** What says the same in another way: where a person has set it, the rule has nothing to say. */
const RIVALS: Readonly<Record<string, string>> = {
  epochs: 'maxSteps',
  warmupRatio: 'warmupSteps',
  look: 'learningRate',
};

/** The values of the rules for what `named`, the tree of what flags and files set, leaves open; where nothing is, no row is looked at. */
export async function ruledFor(
  config: RunConfig,
  named: Readonly<Record<string, unknown>>,
  engine: Pick<EngineCalls, 'sampleRows'>,
): Promise<Ruled> {
  const isOpen = (name: string) =>
    [name, RIVALS[name] ?? name].every((one) => valueAt(named, one) === undefined);
  const keeps = config.method !== 'full' && keepsUnasked((name) => valueAt(named, name));
  const kept: Ruled = keeps ? { keepActivations: true } : {};
  if (!ruledNames(config.method).some(isOpen)) {
    // the file of a whole run says by its silence that beginnings are computed for each row
    const shares = isOpen('shareBeginnings') && !namesAll(config, named);
    return { ...kept, ...(shares && { shareBeginnings: true }) };
  }
  const facts = await engine.sampleRows(config);
  const [freeBytes, totalBytes] = [os.freemem(), os.totalmem()];
  const situation = situationFor({
    facts,
    settings: named,
    freeBytes,
    totalBytes,
    goal: null,
    wish: { kind: 'best' },
    devices: [],
    hasHeldOutFile: config.evalData !== undefined,
  });
  const ruled = Object.entries(ruledSettings(config.method, situation));
  return {
    ...Object.fromEntries(ruled.filter(([name]) => isOpen(name))),
    ...kept,
  };
}

/** Whether `named` has what nobody names one by one: every plain setting of a run. */
function namesAll(config: RunConfig, named: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(config).every(
    ([name, value]) => typeof value === 'object' || named[name] !== undefined,
  );
}
