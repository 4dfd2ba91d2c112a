/** Settings of a run that extras bring. */
export { blendOf, blendStrength, blendWith, blendWithStrength } from './blend/run-settings.ts';
export { layerwiseUpdate } from './layerwise/setting.ts';
