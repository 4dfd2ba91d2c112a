/** The words of the settings page. */

import english from '../../words/en/pages/settings.json' with { type: 'json' };
import { texts } from './texts.ts';

export const { settingsText } = texts('settings', english, {
  settingsText: {
    targets: {
      priceOf: (name: string) => ({ name }),
      testLabel: (name: string) => ({ name }),
      removeLabel: (name: string) => ({ name }),
      memory: (size: string) => ({ size }),
      disk: (size: string) => ({ size }),
    },
    data: { moved: (folder: string) => ({ folder }) },
    connections: { requests: (count: number) => ({ count }) },
    about: { version: (version: string) => ({ version }) },
  },
});
