/** What `fettle vectors` and `fettle reranker` are asked for. */
import { RERANKER_SETTINGS, VECTOR_SETTINGS } from '../../../../common/extras/find/vector-settings.ts';
import { parserOf } from '../../config/config.ts';

const parseVectors = parserOf(VECTOR_SETTINGS);
const parseReranker = parserOf(RERANKER_SETTINGS);
export type VectorsConfig = ReturnType<typeof parseVectors>;
export type RerankerConfig = ReturnType<typeof parseReranker>;
