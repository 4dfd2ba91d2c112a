/** The forms of an export by name. */
import type { Form } from './form.ts';
import { adapterForm } from './form-adapter.ts';
import { folderForm } from './form-folder.ts';
import { ggufForm } from './form-gguf.ts';
import { ggufAdapterForm } from './form-gguf-adapter.ts';
import type { CardForm } from './model-card.ts';

export const FORMS: Readonly<Record<CardForm, Form>> = {
  peft: adapterForm,
  safetensors: folderForm,
  gguf: ggufForm,
  'gguf-adapter': ggufAdapterForm,
};
