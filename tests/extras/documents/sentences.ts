import { REFUSED_DOCUMENTS } from '../../../main/rows/documents/read-document.ts';

export const sentences = Object.values(REFUSED_DOCUMENTS).flat();
