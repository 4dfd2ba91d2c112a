/** A GGUF file or a run on this computer as a teacher: served as `fettle run` does, for as long as it is asked. */
import type { Lesson } from '../../../common/extras/teacher/kinds.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { ENDPOINT } from '../../../common/settings/computing.ts';
import { prepareEndpoint } from '../../app/answering.ts';
import type { WorkIo } from '../../app/work-here.ts';
import { newKey } from '../../cli/keyed.ts';
import type { InputOf, ResultOf } from '../../engine/session/call-table.ts';
import type { TeacherAddress } from './teacher.ts';

type Work = <Name extends 'export' | 'endpoint'>(
  name: Name,
  input: InputOf<Name>,
  io: WorkIo,
) => Promise<ResultOf<Name>>;

/** Gives `use` the address of the model in `source` while it is served. */
export async function withLocalTeacher<Result>(
  source: { readonly model: string } | { readonly run: string },
  lesson: Pick<Lesson, 'kind' | 'answers'>,
  work: Work,
  { emit = () => {}, stop }: WorkIo,
  use: (teacher: TeacherAddress) => Promise<Result>,
): Promise<Result> {
  const key = newKey();
  const ending = new AbortController();
  const ended = stop ? AbortSignal.any([stop, ending.signal]) : ending.signal;
  const prepared = await prepareEndpoint({ ...source, type: ENDPOINT.type, key }, work, {
    emit,
    ...(stop && { stop }),
  });
  const { file, name } = prepared;
  const { contextSize, atOnce } = ENDPOINT;
  const { promise: address, resolve, reject } = Promise.withResolvers<string>();
  const hear = (event: CallEvent) => {
    if ('listening' in event) resolve(event.listening.address);
    else if (!('request' in event)) emit(event);
  };
  const served = work(
    'endpoint',
    { file, name, key, port: 0, origins: [], contextSize, atOnce },
    { emit: hear, stop: ended },
  ).catch(reject);
  try {
    return await use({ url: await address, model: name, key, ...schemaOf(lesson) });
  } finally {
    ending.abort();
    await served;
  }
}

/** Of categories the model may say nothing else. */
function schemaOf({ kind, answers }: Pick<Lesson, 'kind' | 'answers'>): Pick<TeacherAddress, 'schema'> {
  if (kind !== 'categories') return {};
  const category = { type: 'string', enum: answers };
  return {
    schema: { type: 'object', properties: { category }, required: ['category'], additionalProperties: false },
  };
}
