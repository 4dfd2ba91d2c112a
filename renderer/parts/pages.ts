/** Which component shows which address. Pages are loaded when they are first opened, so that the window is there at once. */
import type { Component } from 'svelte';

type Page = { readonly default: Component };

const found = import.meta.glob<Page>([
  '../steps/Wizard.svelte',
  '../run/Run.svelte',
  '../history/History.svelte',
  '../history/Compare.svelte',
  '../models/Models.svelte',
  '../learn/Learn.svelte',
  '../settings/Settings.svelte',
  '../components/Components.svelte',
]);

const FILES: Readonly<Record<string, string>> = {
  new: '../steps/Wizard.svelte',
  run: '../run/Run.svelte',
  history: '../history/History.svelte',
  compare: '../history/Compare.svelte',
  models: '../models/Models.svelte',
  learn: '../learn/Learn.svelte',
  settings: '../settings/Settings.svelte',
  components: '../components/Components.svelte',
};

/** What loads the page of a first segment; null for an unknown one. */
export function pageOf(segment: string): (() => Promise<Page>) | null {
  const file = Object.hasOwn(FILES, segment) ? FILES[segment] : undefined;
  return (file && found[file]) || null;
}
