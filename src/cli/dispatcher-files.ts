import { readTextAsset } from '../core/assets.ts';
import type { OwnPaths } from '../core/host.ts';
import type { DispatcherScript } from '../kiro/attach.ts';

/** What is placed into the dispatcher's folder: the script, and the path of our own folder that it reads beside itself. */
export function dispatcherFiles(own: OwnPaths): DispatcherScript[] {
  return [
    { name: 'capsule-home', text: `${own.home}\n` },
    { name: 'capsule-dispatch.sh', text: readTextAsset('installer-assets/capsule-dispatch.sh') },
  ];
}
