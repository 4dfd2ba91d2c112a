import type { TargetForm } from '../target-form.ts';
import Fields from './RayFields.svelte';
import { rayText } from './text.ts';

export const rayForm: TargetForm = {
  kind: 'ray',
  label: 'Ray',
  placeholder: 'https://head.example.org:8265',
  hostHint: rayText.hostHint,
  pythonHint: rayText.pythonHint,
  Fields,
};
