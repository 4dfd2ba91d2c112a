/**
 * A rule with a slip in its pattern forbids nothing and nobody notices. So every import rule is shown one import
 * that it must refuse, in a small tree of the real layout, and a second tree shows what must stay allowed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

type Kind = 'type' | 'dynamic';
type Imports = readonly (readonly [from: string, to: string, kind?: Kind])[];
type Report = { summary: { violations: { from: string; to: string; rule: { name: string } }[] } };

const root = resolve(import.meta.dirname, '../..');
const config = join(root, '.dependency-cruiser.cjs');
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
const rules = (createRequire(import.meta.url)(config) as { forbidden: { name: string }[] }).forbidden;
const temporary: string[] = [];

afterAll(() => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
});

const PACKAGES = {
  dependencies: ['zod', 'onnxruntime-node', 'better-sqlite3', 'node-llama-cpp', 'systeminformation'],
  optionalDependencies: ['@tensorflow/tfjs-core'],
  devDependencies: ['vitest', 'electron'],
  undeclared: ['stowaway'],
};

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function writePackages(folder: string): void {
  const versions = (names: string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const { dependencies, devDependencies, optionalDependencies } = PACKAGES;
  const manifest = {
    type: 'module',
    dependencies: versions(dependencies),
    devDependencies: versions(devDependencies),
    optionalDependencies: versions(optionalDependencies),
  };
  write(folder, 'package.json', JSON.stringify(manifest));
  for (const name of Object.values(PACKAGES).flat()) {
    write(
      folder,
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: '1.0.0', main: 'a.js' }),
    );
    write(folder, `node_modules/${name}/a.js`, 'module.exports = {};\n');
  }
}

function importLine(from: string, to: string, kind: Kind | undefined, index: number): string {
  const local = relative(dirname(from), to).replaceAll('\\', '/');
  const specifier = !to.endsWith('.ts') ? to : local.startsWith('.') ? local : `./${local}`;
  if (kind === 'dynamic') return `export const x${index} = await import('${specifier}');\n`;
  return kind === 'type'
    ? `import type { A as T${index} } from '${specifier}';\nexport type X${index} = T${index};\n`
    : `import * as v${index} from '${specifier}';\nexport const x${index} = v${index};\n`;
}

/** Writes a tree in which each file holds just the listed imports, and returns "rule: from -> to" of each violation. */
function violations(imports: Imports): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'fettle-import-rules-'));
  temporary.push(folder);
  writePackages(folder);
  const files = new Map<string, string>();
  for (const name of [
    'preload/index.ts',
    'common/errors.ts',
    'common/api/contract.ts',
    'renderer/a.ts',
    'scripts/a.ts',
    'tests/a.ts',
  ])
    files.set(name, '');
  for (const [index, [from, to, kind]] of imports.entries()) {
    files.set(from, (files.get(from) ?? '') + importLine(from, to, kind, index));
    if (to.endsWith('.ts') && !to.includes('missing')) files.set(to, files.get(to) ?? '');
  }
  for (const [path, text] of files) write(folder, path, `${text}export type A = 1;\n`);
  const args = [
    cruiser,
    '--config',
    config,
    '--output-type',
    'json',
    'common',
    'main',
    'preload',
    'renderer',
    'scripts',
    'tests',
  ];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (!run.stdout.startsWith('{')) throw new Error(`dependency-cruiser failed: ${run.stderr}${run.stdout}`);
  const report = JSON.parse(run.stdout) as Report;
  return report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

const E = 'main/engine';
/** One import per line that the rule of that name must refuse. */
const REFUSED: readonly (readonly [rule: string, from: string, to: string, kind?: Kind])[] = [
  ['layer-ir', `${E}/ir/bad.ts`, `${E}/ops/a.ts`, 'type'],
  ['layer-ops', `${E}/ops/bad.ts`, `${E}/nn/a.ts`],
  ['layer-ops', `${E}/ops/bad.ts`, `${E}/autodiff/a.ts`],
  ['layer-passes', `${E}/passes/bad.ts`, `${E}/autodiff/a.ts`],
  ['layer-autodiff', `${E}/autodiff/bad.ts`, `${E}/exec/a.ts`],
  ['layer-exec', `${E}/exec/bad.ts`, `${E}/models/a.ts`],
  ['layer-exec', `${E}/exec/ort/bad.ts`, `${E}/nn/a.ts`],
  ['layer-io', `${E}/io/bad.ts`, `${E}/ir/node.ts`],
  ['layer-io', `${E}/io/bad.ts`, `${E}/data/a.ts`, 'type'],
  ['layer-port', `${E}/port-bad.ts`, `${E}/session/session.ts`],
  ['layer-data', `${E}/data/bad.ts`, `${E}/ir/node.ts`],
  ['layer-data', `${E}/data/tokens/tokenizer/bad.ts`, `${E}/config/config.ts`, 'type'],
  ['data-unknown-folder', `${E}/data/bad.ts`, 'node:fs'],
  ['data-tokens', `${E}/data/tokens/bad.ts`, `${E}/data/batches/a.ts`],
  ['data-batches', `${E}/data/batches/bad.ts`, `${E}/data/a.ts`],
  ['rows-unknown-folder', 'main/rows/misc/bad.ts', 'node:fs'],
  ['rows-below-engine', 'main/rows/doctor/bad.ts', `${E}/data/tokens/a.ts`, 'type'],
  ['rows-reading', 'main/rows/bad.ts', 'main/rows/doctor/a.ts'],
  ['rows-doctor', 'main/rows/doctor/checks/bad.ts', 'main/rows/misc/a.ts'],
  ['rows-documents', 'main/rows/documents/bad.ts', 'main/rows/misc/a.ts'],
  ['rows-readers', 'main/rows/readers/bad.ts', 'main/rows/doctor/a.ts', 'type'],
  ['layer-nn', `${E}/nn/bad.ts`, `${E}/autodiff/a.ts`],
  ['layer-nn', `${E}/nn/bad.ts`, `${E}/models/a.ts`, 'type'],
  ['layer-models', `${E}/models/bad.ts`, `${E}/train/a.ts`],
  ['layer-models', `${E}/models/bad.ts`, `${E}/io/safetensors.ts`],
  ['layer-load', `${E}/load/bad.ts`, `${E}/train/a.ts`],
  ['layer-tasks', `${E}/tasks/bad.ts`, `${E}/step/a.ts`],
  ['layer-step', `${E}/step/bad.ts`, `${E}/eval/a.ts`, 'type'],
  ['layer-step', `${E}/step/bad.ts`, `${E}/train/a.ts`],
  ['layer-train', `${E}/train/bad.ts`, `${E}/session/session.ts`],
  ['layer-eval', `${E}/eval/bad.ts`, `${E}/export/a.ts`],
  ['layer-eval', `${E}/eval/bad.ts`, `${E}/train/a.ts`, 'type'],
  ['layer-export', `${E}/export/bad.ts`, `${E}/train/a.ts`],
  ['layer-chat', `${E}/chat/bad.ts`, `${E}/exec/a.ts`],
  ['layer-models', `${E}/models/bad.ts`, 'main/rows/a.ts', 'type'],
  ['layer-pricing', `${E}/pricing/pricing.ts`, `${E}/session/session.ts`],
  ['layer-pricing', `${E}/pricing/bad.ts`, `${E}/train/a.ts`],
  ['layer-bench', `${E}/bench/bad.ts`, `${E}/train/a.ts`],
  ['layer-session', `${E}/session/session.ts`, `${E}/entry.ts`],
  ['layer-entry', `${E}/entry.ts`, `${E}/train/a.ts`],
  ['layer-config', `${E}/config/config.ts`, `${E}/models/a.ts`],
  ['layer-config', `${E}/config/parse.ts`, `${E}/ir/node.ts`, 'type'],
  ['engine-unknown-layer', `${E}/misc/bad.ts`, 'node:fs'],
  ['engine-only-leaves', `${E}/train/bad.ts`, 'main/store/a.ts'],
  ['engine-only-leaves', `${E}/train/bad.ts`, 'tests/a.ts'],
  ['engine-concrete-executor', `${E}/train/bad.ts`, `${E}/exec/ort/a.ts`],
  ['engine-concrete-executor', `${E}/exec/bad.ts`, `${E}/exec/reference/a.ts`],
  ['engine-executor-sibling', `${E}/exec/openvino/bad.ts`, `${E}/exec/reference/a.ts`],
  ['engine-only-leaves', `${E}/train/worse.ts`, 'common/api/contract.ts', 'type'],
  ['common-is-pure', 'common/words/worse.ts', 'main/log.ts', 'type'],
  ['common-is-pure', 'common/words/worse.ts', 'node:fs'],
  ['common-errors', 'common/errors.ts', 'common/words/a.ts'],
  ['common-protocol', 'common/protocol/a.ts', 'common/errors.ts'],
  ['common-ranking', 'common/ranking.ts', 'common/errors.ts'],
  ['common-step-figures', 'common/step-figures.ts', 'common/errors.ts'],
  ['common-values', 'common/values.ts', 'common/errors.ts'],
  ['common-step-figures', 'common/step-figures.ts', 'common/errors.ts'],
  ['common-words', 'common/words/bad.ts', 'common/api/contract.ts'],
  ['common-settings', 'common/settings/bad.ts', 'common/api/contract.ts'],
  ['settings-are-data', 'common/settings/bad.ts', 'zod'],
  ['common-api', 'common/api/bad.ts', 'common/protocol/a.ts'],
  ['leaf-imports-leaves', 'main/log.ts', 'main/store/a.ts'],
  ['leaf-imports-leaves', 'main/locks.ts', 'main/api/api.ts'],
  ['main-layer-rows', 'main/rows/bad.ts', 'main/store/a.ts', 'type'],
  ['main-layer-app', 'main/app/bad.ts', 'main/rows/a.ts'],
  ['main-layer-store', 'main/store/bad.ts', 'main/app/parts.ts', 'type'],
  ['main-layer-hub', 'main/hub/bad.ts', 'main/packs/a.ts'],
  ['main-layer-packs', 'main/packs/bad.ts', 'main/hardware/a.ts'],
  ['main-layer-hardware', 'main/hardware/bad.ts', 'main/hub/a.ts'],
  ['main-layer-plan', 'main/plan/bad.ts', 'main/store/a.ts', 'type'],
  ['main-layer-runs', 'main/runs/bad.ts', 'main/app/parts.ts', 'type'],
  ['main-layer-targets', 'main/targets/bad.ts', 'main/store/a.ts', 'type'],
  ['main-layer-app', 'main/app/bad.ts', 'main/api/a.ts', 'type'],
  ['main-layer-api', 'main/api/bad.ts', 'main/serve/a.ts'],
  ['main-layer-serve', 'main/serve/bad.ts', 'main/cli/a.ts'],
  ['main-layer-electron', 'main/electron/bad.ts', 'main/cli/a.ts'],
  ['main-layer-cli', 'main/cli/bad.ts', 'main/electron/a.ts'],
  ['main-layer-cli', 'main/cli/bad.ts', 'main/api/a.ts', 'type'],
  ['engine-closed', 'main/api/api.ts', `${E}/train/a.ts`],
  ['engine-closed', 'main/plan/bad.ts', `${E}/passes/a.ts`, 'type'],
  ['engine-types-only', 'main/api/api.ts', `${E}/config/config.ts`],
  ['engine-pricing-for-plan', 'main/api/api.ts', `${E}/pricing/pricing.ts`],
  ['engine-families-for-hub-and-plan', 'main/api/api.ts', `${E}/models/registry.ts`],
  ['engine-closed', 'main/plan/bad.ts', `${E}/models/llama.ts`],
  ['engine-entry-for-supervisor', 'main/runs/queue.ts', `${E}/entry.ts`],
  ['cli-sees-config', 'main/cli/bad.ts', `${E}/session/session.ts`],
  ['cli-sees-config', 'main/cli/cli.ts', `${E}/data/a.ts`, 'type'],
  ['cli-sees-config', 'main/cli/bad.ts', `${E}/models/a.ts`, 'dynamic'],
  ['main-not-renderer', 'main/api/api.ts', 'renderer/a.ts', 'type'],
  ['main-not-renderer', 'main/cli/bad.ts', 'renderer/a.ts'],
  ['renderer-sees-common', 'renderer/bad.ts', 'main/log.ts', 'type'],
  ['renderer-api-as-types', 'renderer/bad.ts', 'common/api/contract.ts'],
  ['renderer-no-node', 'renderer/bad.ts', 'node:fs'],
  ['preload-only-electron', 'preload/index.ts', 'common/errors.ts', 'type'],
  ['preload-only-electron', 'preload/index.ts', 'node:fs'],
  ['app-not-tests', 'main/api/api.ts', 'scripts/a.ts'],
  ['quarantine-onnxruntime', `${E}/exec/reference/bad.ts`, 'onnxruntime-node', 'type'],
  ['quarantine-tfjs', `${E}/train/bad.ts`, '@tensorflow/tfjs-core'],
  ['quarantine-koffi', `${E}/train/bad.ts`, 'koffi'],
  ['quarantine-llama-cpp', `${E}/eval/bad.ts`, 'node-llama-cpp'],
  ['quarantine-quickjs', 'main/extras/rules/bad.ts', 'quickjs-emscripten-core'],
  ['quarantine-sqlite', `${E}/train/bad.ts`, 'better-sqlite3'],
  ['quarantine-systeminformation', 'main/api/api.ts', 'systeminformation'],
  ['quarantine-electron', 'main/api/api.ts', 'electron'],
  ['layer-extras', `${E}/extras/one/bad.ts`, `${E}/session/session.ts`],
  ['layer-train', `${E}/train/bad.ts`, `${E}/extras/one/a.ts`, 'type'],
  ['main-layer-extras', 'main/extras/one/bad.ts', 'main/serve/a.ts'],
  ['common-extras', 'common/extras/one/calls.ts', 'common/api/contract.ts'],
  ['renderer-api-as-types', 'renderer/extras/one/bad.ts', 'common/extras/one/calls.ts'],
  ['extras-by-registry', 'main/app/bad.ts', 'main/extras/one/a.ts', 'type'],
  ['extras-by-registry', 'tests/helpers/bad.ts', 'renderer/extras/one/a.ts'],
  ['extras-apart', 'main/extras/one/bad.ts', 'main/extras/two/a.ts', 'type'],
  ['extras-apart', 'renderer/extras/one/bad.ts', 'common/extras/two/calls.ts', 'type'],
  ['no-circular', 'main/hub/one.ts', 'main/hub/two.ts'],
  ['no-unresolvable', 'main/hub/three.ts', 'main/hub/missing.ts'],
  ['no-undeclared-package', 'main/hub/three.ts', 'stowaway'],
  ['no-dev-package', 'main/hub/three.ts', 'vitest'],
];

/** The way back of the cycle, which is reported once. */
const CLOSES_THE_CYCLE: Imports[number] = ['main/hub/two.ts', 'main/hub/one.ts', 'type'];

const ALLOWED: Imports = [
  [`${E}/ops/a.ts`, `${E}/ir/node.ts`],
  [`${E}/ir/node.ts`, 'common/errors.ts'],
  [`${E}/exec/registry.ts`, `${E}/exec/ort/a.ts`],
  [`${E}/exec/ort/a.ts`, `${E}/exec/ort/b.ts`],
  [`${E}/exec/ort/a.ts`, 'onnxruntime-node'],
  [`${E}/exec/ort/a.ts`, `${E}/io/tensor-store.ts`, 'type'],
  [`${E}/extras/tensorflow/a.ts`, '@tensorflow/tfjs-core'],
  [`${E}/extras/tensorflow/a.ts`, '@tensorflow/tfjs-node-gpu'],
  [`${E}/io/tensor-store.ts`, `${E}/ir/dtype.ts`, 'type'],
  [`${E}/data/tokens/a.ts`, `${E}/io/gguf.ts`],
  [`${E}/data/tokens/a.ts`, 'main/rows/readers/a.ts'],
  [`${E}/data/batches/a.ts`, `${E}/data/tokens/a.ts`],
  [`${E}/session/session.ts`, 'main/rows/doctor/a.ts'],
  [`${E}/session/calls.ts`, `${E}/extras/calls.ts`],
  [`${E}/extras/one/a.ts`, 'common/extras/one/news.ts'],
  ['main/rows/doctor/a.ts', 'main/rows/a.ts'],
  ['main/rows/doctor/a.ts', 'main/atomic.ts'],
  [`${E}/models/llama.ts`, `${E}/io/tensor-store.ts`, 'type'],
  [`${E}/models/llama.ts`, `${E}/nn/linear-and-norm.ts`],
  [`${E}/train/loop.ts`, `${E}/models/llama.ts`],
  [`${E}/eval/measure.ts`, `${E}/step/graphs.ts`],
  [`${E}/pricing/pricing.ts`, `${E}/eval/measure.ts`],
  [`${E}/train/loop.ts`, `${E}/pricing/pricing.ts`],
  [`${E}/train/loop.ts`, `${E}/exec/registry.ts`],
  [`${E}/train/loop.ts`, `${E}/config/config.ts`, 'type'],
  [`${E}/session/session.ts`, `${E}/train/loop.ts`],
  [`${E}/entry.ts`, `${E}/session/session.ts`],
  [`${E}/pricing/pricing.ts`, `${E}/passes/cost.ts`],
  [`${E}/config/config.ts`, 'zod'],
  [`${E}/config/config.ts`, `${E}/config/parse.ts`],
  ['main/cli/train.ts', `${E}/config/parse.ts`],
  ['main/cli/train.ts', `${E}/config/config.ts`],
  ['main/app/run-config.ts', `${E}/config/config.ts`],
  ['main/api/api.ts', 'common/protocol/protocol.ts', 'type'],
  ['main/api/api.ts', 'common/api/contract.ts'],
  ['main/plan/plan.ts', `${E}/pricing/pricing.ts`],
  ['main/hub/catalog.ts', `${E}/models/registry.ts`],
  [`${E}/models/gguf.ts`, `${E}/io/gguf-types.ts`, 'type'],
  ['main/runs/supervisor.ts', `${E}/entry.ts`],
  ['main/store/open.ts', 'better-sqlite3'],
  [`${E}/train/loop.ts`, 'main/locks.ts'],
  ['main/hardware/probe/world.ts', 'main/packs/pack.ts'],
  ['main/packs/install.ts', 'main/hub/download/record.ts'],
  ['main/hub/hub.ts', 'main/store/store.ts', 'type'],
  ['main/runs/engine-calls.ts', 'main/hardware/measure.ts', 'type'],
  ['main/app/jobs.ts', 'main/runs/supervisor.ts'],
  ['main/api/runs.ts', 'main/app/jobs.ts'],
  ['main/serve/start.ts', 'main/api/api.ts'],
  ['main/electron/window.ts', 'main/serve/static.ts'],
  ['main/cli/train.ts', 'main/app/train-here.ts'],
  ['main/hardware/probe/cpu.ts', 'systeminformation'],
  ['main/electron/window.ts', 'electron'],
  ['main/electron/tray.ts', 'electron'],
  ['preload/index.ts', 'electron'],
  ['main/extras/handlers.ts', 'main/extras/one/handlers.ts'],
  ['main/extras/one/handlers.ts', 'main/extras/one/a.ts'],
  ['main/extras/one/handlers.ts', 'common/extras/one/calls.ts'],
  ['main/extras/one/handlers.ts', 'main/api/router.ts', 'type'],
  ['main/api/api.ts', 'main/extras/handlers.ts'],
  ['tests/extras/one/a.test.ts', 'renderer/extras/one/a.ts'],
  ['common/api/contract.ts', 'common/extras/calls.ts'],
  ['common/api/contract.ts', 'zod'],
  ['common/api/contract.ts', 'common/protocol/protocol.ts', 'type'],
  ['common/api/contract.ts', 'common/words/format.ts'],
  [`${E}/train/loop.ts`, 'common/protocol/protocol.ts', 'type'],
  [`${E}/train/loop.ts`, 'common/words/format.ts'],
  ['renderer/api.ts', 'common/words/format.ts'],
  ['renderer/api.ts', 'common/api/contract.ts', 'type'],
  ['main/cli/plan/plan.ts', 'common/settings/reasons.ts'],
  ['main/cli/hardware.ts', 'common/words/computer-problems.ts'],
  ['tests/conformance.test.ts', `${E}/exec/ort/a.ts`],
  ['tests/conformance.test.ts', 'vitest'],
];

describe('import rules', () => {
  test('every rule refuses what it is there for', () => {
    const refused = REFUSED.map(([, from, to, kind]) => [from, to, kind] as Imports[number]);
    const found = violations([...refused, CLOSES_THE_CYCLE]);
    const missing = REFUSED.filter(([rule, from, to]) => {
      const target = to.endsWith('.ts') || to.startsWith('node:') ? to : `node_modules/${to}/a.js`;
      const known = [target, to.replace('node:', ''), './missing.ts'];
      return !known.some((end) => found.includes(`${rule}: ${from} -> ${end}`));
    });
    expect(missing, `found:\n${found.join('\n')}`).toEqual([]);
  });

  test('no rule is left without a refused example', () => {
    const shown = new Set(REFUSED.map(([rule]) => rule));
    expect(rules.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  test('what the design allows stays allowed', () => {
    expect(violations(ALLOWED)).toEqual([]);
  });

  test('a value import beside a type import is still a value import', () => {
    expect(
      violations([
        ['main/api/api.ts', `${E}/config/config.ts`, 'type'],
        ['main/api/api.ts', `${E}/config/config.ts`],
      ]),
    ).toEqual([`engine-types-only: main/api/api.ts -> ${E}/config/config.ts`]);
  });
});
