import { readTextAsset } from '../core/assets.ts';
import type { Host } from '../core/host.ts';
import type { DispatcherScript } from '../kiro/attach.ts';
import { DISPATCHER_FILES } from '../kiro/dispatcher-command.ts';

/**
 * What is placed into the dispatcher's folder: the script, and beside it the path of our own folder, which it reads.
 */
export function dispatcherFiles({ own, platform }: Pick<Host, 'own' | 'platform'>): DispatcherScript[] {
  const name = platform === 'win32' ? DISPATCHER_FILES.windows : DISPATCHER_FILES.posix;
  return [
    { name: 'capsule-home', text: platform === 'win32' ? `${own.home}\r\n` : `${own.home}\n` },
    { name, text: readTextAsset(`installer-assets/${name}`) },
  ];
}
