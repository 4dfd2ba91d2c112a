/** What the plan step offers to compute on, and the settings that a choice there means. */
import type { PlannedMethod } from '../../../common/api/contract.ts';
import { plan as text } from '../../text/wizard-plan.ts';

/** Fettle chooses. */
export const AUTO = 'auto';

export interface DeviceOption {
  readonly value: string;
  readonly title: string;
  readonly about: string;
  readonly disabled: boolean;
}

type Settings = Readonly<Record<string, unknown>>;

/** What Fettle chooses with its reason, and every device that there is to say something of. */
export function deviceOptions({
  devices,
  settings,
  whys,
}: Pick<PlannedMethod, 'devices' | 'settings' | 'whys'>): DeviceOption[] {
  const { device: why } = whys;
  const chosen = devices.find((one) => one.device === settings.device && one.executor === settings.executor);
  const auto =
    why.key === 'device-choice'
      ? {
          title: text.fettleChoosesNow(chosen ? text.deviceName(chosen) : settings.device),
          about: why.numbers.reason,
        }
      : { title: text.fettleChooses, about: text.fettleChoosesAbout };
  return [
    { value: AUTO, ...auto, disabled: false },
    ...devices.map((one) => ({
      value: `${one.executor} ${one.device}`,
      title: text.deviceName(one),
      about: one.reason,
      disabled: !one.usable,
    })),
  ];
}

/** The option that the person's settings are. */
export function shownValue({ device, executor = 'ort' }: Settings): string {
  return device === undefined || device === AUTO ? AUTO : `${executor} ${device}`;
}

/** The person's settings after a choice; onnxruntime is what computes anyway. */
export function deviceSettings(settings: Settings, value: string): Record<string, unknown> {
  const { device: _, executor: __, ...others } = settings;
  if (value === AUTO) return others;
  const [executor, device] = value.split(' ');
  return { ...others, device, ...(executor !== 'ort' && { executor }) };
}
