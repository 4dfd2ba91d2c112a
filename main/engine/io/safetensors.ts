/** Everything about safetensors in one import: reading a file or a model folder, and writing. */
export {
  type ElementRange,
  openSafetensors,
  SafetensorsFile,
  type SafetensorsStore,
} from './safetensors-file.ts';
export { openSafetensorsFolder } from './safetensors-folder.ts';
export { type TensorToWrite, type WrittenSafetensors, writeSafetensors } from './safetensors-write.ts';
