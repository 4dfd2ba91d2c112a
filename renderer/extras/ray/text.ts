import { catalogue } from '../../text/text.ts';

export const { rayText } = catalogue;
