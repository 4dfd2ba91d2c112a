/** The planner as the application has it: a real process that stays, knows what it read, and touches no weight. */

import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRunConfig, type RunConfig } from '../../main/engine/config/config.ts';
import type { EngineCalls } from '../../main/runs/engine-calls.ts';
import { openEngineCalls } from '../../main/runs/engine-calls.ts';
import type { EngineLink } from '../../main/runs/engine-link.ts';
import { forkChild } from '../../main/runs/fork.ts';
import { happens } from '../helpers/happens.ts';
import { KILLED } from '../helpers/killed.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

let workspace: Workspace;
let calls: EngineCalls;
let engines: EngineLink[];

beforeEach(async () => {
  workspace = await openWorkspace();
  engines = [];
  calls = openEngineCalls(() => {
    engines.push(forkChild());
    return engines.at(-1)!;
  });
});
afterEach(() => {
  calls.close();
  workspace.remove();
});

function config(settings: Record<string, unknown> = {}): RunConfig {
  const { model, data, at } = workspace;
  return parseRunConfig({ model, data, out: at('out'), maxLength: 64, threads: 1, ...settings });
}

/** Whether a process is there. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the planner process', () => {
  it('answers one question after the other, is there for the next one, and ends with the application', async () => {
    const settings = [config(), config({ learningRate: 1e-3 }), config({ epochs: 2 })];
    const plans = await Promise.all(settings.map((one) => calls.plan(one)));
    const again = await calls.plan(config({ lora: { rank: 4 } }));
    expect(plans.map(({ rows }) => rows)).toEqual(Array(3).fill(again.rows));
    expect(plans[2]!.steps).toBeLessThan(plans[0]!.steps);
    expect(engines).toHaveLength(1);
    const { pid } = engines[0]!;
    if (process.platform === 'linux')
      expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toContain('model.safetensors');
    calls.close();
    await happens(() => expect(isRunning(pid!)).toBe(false));
  });

  it('goes on after a question that was given up, and after one that failed', async () => {
    const leave = new AbortController();
    const settings = config();
    const given = calls.plan(settings, leave.signal);
    leave.abort(new Error('another setting'));
    await expect(given).rejects.toThrow('another setting');
    const { data } = workspace;
    renameSync(data, workspace.at('elsewhere.jsonl'));
    await expect(calls.plan(settings)).rejects.toMatchObject({ code: 'file-not-found' });
    copyFileSync(workspace.at('elsewhere.jsonl'), data);
    expect((await calls.plan(settings)).rows).toBeGreaterThan(0);
    expect(engines).toHaveLength(1);
  });

  it('is explained when it dies, and followed by another', async () => {
    const settings = config();
    await calls.plan(settings);
    const asked = calls.plan(settings);
    engines[0]!.kill();
    await expect(asked).rejects.toMatchObject({ code: KILLED });
    expect((await calls.plan(settings)).rows).toBeGreaterThan(0);
    expect(engines).toHaveLength(2);
  });
});
