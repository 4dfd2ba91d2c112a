import { catalogue } from '../../text/text.ts';

export const { search } = catalogue;
