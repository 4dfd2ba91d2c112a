/** Rows of the table of engine calls that extras bring; calls.ts has the work of each. */
export { merge } from './blend/call-table.ts';
export { document, documentFiles, documents } from './documents/call-table.ts';
export {
  encoders,
  passages,
  questions,
  rerank,
  rerankers,
  trainReranker,
  trainVectors,
  vectors,
} from './find/call-table.ts';
export { drillAnswers, drillRows } from './rules/call-table.ts';
export { teacherLesson, teacherStudy } from './teacher/call-table.ts';
export { tries } from './tries/call-table.ts';
