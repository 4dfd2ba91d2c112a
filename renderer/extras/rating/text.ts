import { catalogue } from '../../text/text.ts';

export const { rating } = catalogue;
