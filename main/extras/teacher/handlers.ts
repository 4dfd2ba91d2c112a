import type { Implementer } from '../../api/router.ts';
import type { Parts } from '../../app/parts.ts';
import { KeptTeachings } from './kept.ts';

/** Calls of the teacher's page: raw texts, what the teacher said, and what a person decides. */
export function teacherCalls({ teacher }: Implementer, parts: Parts) {
  const kept = new KeptTeachings(parts);
  return {
    list: teacher.list.handler(() => kept.list()),
    create: teacher.create.handler(({ input }) => kept.create(input)),
    get: teacher.get.handler(({ input }) => kept.get(input.id)),
    ask: teacher.ask.handler(({ input, signal }) => kept.ask(input, signal)),
    decide: teacher.decide.handler(({ input }) => kept.decide(input)),
    undo: teacher.undo.handler(({ input }) => kept.undo(input.id)),
    export: teacher.export.handler(({ input }) => kept.export(input.id)),
    remove: teacher.remove.handler(({ input }) => kept.remove(input.id)),
  };
}
