/** The parts of a run's page, as they stand in its address. */
export type TabId = 'training' | 'result' | 'use' | 'details';

const TABS: readonly string[] = ['training', 'result', 'use', 'details'] satisfies TabId[];

export function isTab(value: string | undefined): value is TabId {
  return value !== undefined && TABS.includes(value);
}
