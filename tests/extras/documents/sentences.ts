import { REFUSED_DOCUMENTS } from '../../../main/engine/extras/documents/read-document.ts';

export const sentences = Object.values(REFUSED_DOCUMENTS).flat();
