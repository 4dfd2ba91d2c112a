import * as extras from './extras/thorough.ts';

/**
 * Which files of tests `npm test` leaves to `npm run test:all`, with what each takes in worker-seconds on two cores (2 December 2026): those
 * beside the unit tests that take 20 or more. The others take about 980.
 */
export const THOROUGH: Readonly<Record<string, number>> = {
  ...Object.assign({}, ...Object.values(extras)),
  // 280 in that run, and then made quicker, as from 443 to 260 on a busy computer
  'tests/e2e/accessibility.test.ts': 165,
  'tests/e2e/journey.test.ts': 110,
  'tests/integration/campaign.test.ts': 107,
  'tests/integration/ggml-vulkan.test.ts': 38,
  'tests/integration/demo.test.ts': 91,
  'tests/integration/samples-results.test.ts': 62,
  'tests/e2e/first-run.test.ts': 88,
  'tests/integration/resume.test.ts': 77,
  'tests/conformance/openvino.test.ts': 54,
  'tests/e2e/more-rows.test.ts': 60,
  'tests/golden/families.test.ts': 58,
  'tests/integration/gguf.test.ts': 44,
  'tests/conformance/ggml-vulkan.test.ts': 38,
  'tests/integration/rescue.test.ts': 38,
  'tests/e2e/layout.test.ts': 38,
  'tests/integration/export.test.ts': 37,
  'tests/e2e/languages.test.ts': 37,
  'tests/integration/elsewhere.test.ts': 32,
  'tests/e2e/electron.test.ts': 32,
  'tests/integration/assess.test.ts': 31,
  'tests/integration/places.test.ts': 30,
  'tests/e2e/counter.test.ts': 30,
  'tests/integration/electron.test.ts': 29,
  'tests/e2e/elsewhere.test.ts': 28,
  'tests/e2e/sorter.test.ts': 26,
  'tests/integration/train.test.ts': 21,
  'tests/integration/kill.test.ts': 21,
  'tests/integration/classify.test.ts': 21,
  'tests/golden/smollm2.test.ts': 21,
  'tests/integration/ggml.test.ts': 20,
  'tests/e2e/keyboard.test.ts': 20,
  'tests/conformance/webgpu.test.ts': 20,
};

/** What is left out by the npm script that runs, unless the command names files or folders of tests. */
export function leftOut(script: string | undefined, args: readonly string[]): readonly string[] {
  const isNamed = args.some((arg) => /^\.?[\\/]?tests[\\/]/.test(arg));
  return script === 'test' && !isNamed ? Object.keys(THOROUGH) : [];
}
