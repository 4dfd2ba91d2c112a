/** Every text of the learning pages. */
export { courseText } from './text/course.ts';
export { forgettingWords } from './text/forgetting.ts';
export { judgingWords } from './text/judging.ts';
export { learnPages, learnText } from './text/learn.ts';
export { loraWords, pictureWords } from './text/lora.ts';
export { memoryWords } from './text/memory.ts';
export { clusterWords, timeWords } from './text/time.ts';
