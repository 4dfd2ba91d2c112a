/** Models that read, of the made-up computer: one that was downloaded, and two of the catalog. */
import type { CatalogEncoder, Encoders, LocalModel } from '../../../common/api/contract.ts';

const MINILM = 'sentence-transformers/all-MiniLM-L6-v2';

const minilm: CatalogEncoder = {
  repo: MINILM,
  name: 'all-MiniLM-L6-v2',
  family: 'bert',
  parameters: 22.6e6,
  bytes: 90.9e6,
  licence: 'Apache-2.0',
  licenceInWords: 'May be used, changed and sold by anyone, as long as the licence text stays with it.',
  languages: 'English',
  goodFor: 'Sorting and finding short English texts, quickly.',
  isMultilingual: false,
  gated: false,
  maxTokens: 256,
  localId: null,
};

const e5: CatalogEncoder = {
  ...minilm,
  ...{ repo: 'intfloat/multilingual-e5-small', name: 'Multilingual E5 small' },
  ...{ parameters: 117.5e6, bytes: 470.6e6, licence: 'MIT', languages: 'About 100 languages' },
  goodFor: 'Sorting and finding texts in many languages.',
  isMultilingual: true,
  gated: false,
  maxTokens: 512,
};

/** Nothing was downloaded. */
export const noEncoders: Encoders = { local: [], found: [], catalog: [minilm, e5] };

export const fakeEncoder: LocalModel = {
  id: 'minilm',
  name: MINILM,
  family: 'bert',
  format: 'safetensors',
  path: `/home/mo/.local/share/fettle/models/${MINILM.replace('/', '--')}`,
  parameters: 22.6e6,
  bytes: 90.9e6,
  licence: 'Apache-2.0',
  source: 'hub',
  repo: MINILM,
  revision: '7e27bd9f95328f0f3b08261d1252705110c806f8',
  hasChatTemplate: false,
  reads: true,
  added: '2026-02-11T09:30:00Z',
  available: true,
};

export const oneEncoder: Encoders = {
  ...noEncoders,
  local: [fakeEncoder],
  catalog: [{ ...minilm, localId: fakeEncoder.id }, e5],
};
