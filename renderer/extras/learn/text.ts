/** Every text of the learning pages. */
export { forgettingWords } from './text/forgetting.ts';
export { learnPages, learnText } from './text/learn.ts';
export { loraWords, pictureWords } from './text/lora.ts';
export { memoryWords } from './text/memory.ts';
export { clusterWords, timeWords } from './text/time.ts';
