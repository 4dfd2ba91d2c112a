/** The work of the engine calls that extras bring. */
export { document, documentFiles, documents } from './documents/calls.ts';
export { encoders, passages, trainVectors, vectors } from './find/calls.ts';
export { teacherLesson, teacherStudy } from './teacher/calls.ts';
