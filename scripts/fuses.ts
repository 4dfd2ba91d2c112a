/**
 * Turns off in the packed Electron what Fettle does not need and an intruder would: run by electron-builder after packing, before
 * signing. Every fuse is named, so that a new one in Electron stops the packing until somebody has decided.
 */
import path from 'node:path';
import { type FuseConfig, FuseV1Options, FuseVersion, flipFuses } from '@electron/fuses';

export const FUSES: FuseConfig = {
  version: FuseVersion.V1,
  strictlyRequireAllFuses: true,
  // the program must not be a Node for whoever starts it with a variable or a flag
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  // nothing is run but what was packed
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // there is no such snapshot
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  // pages come by app://
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
};

/** Of what electron-builder hands to hooks, what is used here. */
interface PackContext {
  readonly appOutDir: string;
  readonly electronPlatformName: string;
  readonly packager: {
    readonly executableName?: string;
    readonly appInfo: { readonly productFilename: string };
  };
}

/** Where the program is after packing. */
export function packedProgram({ appOutDir, electronPlatformName, packager }: PackContext): string {
  const { executableName, appInfo } = packager;
  const names: Readonly<Record<string, string>> = {
    darwin: `${appInfo.productFilename}.app`,
    win32: `${appInfo.productFilename}.exe`,
  };
  return path.join(appOutDir, names[electronPlatformName] ?? executableName ?? appInfo.productFilename);
}

/** electron-builder's hook. */
export default async function afterPack(context: PackContext): Promise<void> {
  await flipFuses(packedProgram(context), {
    ...FUSES,
    // changed bytes make the signature of an Apple Silicon program void
    resetAdHocDarwinSignature: context.electronPlatformName === 'darwin',
  });
}
