/** Settings of a run that extras bring. */
export { layerwiseUpdate } from './layerwise/setting.ts';
