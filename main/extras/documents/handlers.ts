import type { DocumentProgress } from '../../../common/extras/documents/calls.ts';
import type { Implementer } from '../../api/router.ts';
import type { Parts } from '../../app/parts.ts';
import { channel } from '../../changes.ts';
import { rowsFromDocuments } from './documents.ts';

export function documentCalls({ documents }: Implementer, parts: Parts) {
  return {
    write: documents.write.handler(({ input, signal }) =>
      channel<DocumentProgress>((send) => rowsFromDocuments(parts, input, send, signal)),
    ),
  };
}
