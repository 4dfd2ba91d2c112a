import { catalogue } from '../../text/text.ts';

export const { documents: text } = catalogue;
