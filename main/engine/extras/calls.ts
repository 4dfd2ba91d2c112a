/** The work of the engine calls that extras bring. */
export { merge } from './blend/calls.ts';
export { document, documentFiles, documents } from './documents/calls.ts';
export {
  encoders,
  passages,
  questions,
  rerank,
  rerankers,
  trainReranker,
  trainVectors,
  vectors,
} from './find/calls.ts';
export { drillAnswers, drillRows } from './rules/calls.ts';
export { teacherLesson, teacherStudy } from './teacher/calls.ts';
export { tries } from './tries/calls.ts';
