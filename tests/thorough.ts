import * as extras from './extras/thorough.ts';

/**
 * Which files of tests `npm test` leaves to `npm run test:all`, with what each takes in worker-seconds on two cores (1 December 2026): those
 * beside the unit tests that take 20 or more. The others take about 940, nearly eight minutes of two workers.
 */
export const THOROUGH: Readonly<Record<string, number>> = {
  ...Object.assign({}, ...Object.values(extras)),
  'tests/e2e/accessibility.test.ts': 187,
  'tests/golden/config-keys.test.ts': 20,
  'tests/e2e/journey.test.ts': 92,
  'tests/integration/demo.test.ts': 76,
  'tests/integration/campaign.test.ts': 66,
  'tests/conformance/ggml-vulkan.test.ts': 76,
  'tests/conformance/openvino.test.ts': 45,
  'tests/e2e/first-run.test.ts': 55,
  'tests/integration/resume.test.ts': 54,
  'tests/golden/families.test.ts': 39,
  'tests/integration/classify.test.ts': 39,
  'tests/e2e/layout.test.ts': 31,
  'tests/e2e/electron.test.ts': 28,
  'tests/integration/elsewhere.test.ts': 27,
  'tests/e2e/elsewhere.test.ts': 25,
  'tests/integration/rescue.test.ts': 23,
  'tests/integration/electron.test.ts': 23,
  'tests/integration/verify-device.test.ts': 23,
  'tests/e2e/keyboard.test.ts': 22,
  'tests/integration/export.test.ts': 21,
  'tests/golden/preference.test.ts': 21,
};

/** What is left out by the npm script that runs, unless the command names files or folders of tests. */
export function leftOut(script: string | undefined, args: readonly string[]): readonly string[] {
  const isNamed = args.some((arg) => /^\.?[\\/]?tests[\\/]/.test(arg));
  return script === 'test' && !isNamed ? Object.keys(THOROUGH) : [];
}
