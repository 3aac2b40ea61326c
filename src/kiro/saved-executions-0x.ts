import path from 'node:path';
import { folderNames, hashName, isHashName, type WorkspaceFolder, workspaceFolder } from './places-0x.ts';
import { stampOf } from './whole-file-0x.ts';

/**
 * Whether an execution has a file: in its workspace's folder by the hash rule (kiro/README Z2), else in another's, whose name may
 * come of another spelling of the same path. `storage`: the folder of all workspaces. Nothing is opened.
 */
export async function findSavedExecution(
  storage: string,
  place: WorkspaceFolder,
  executionId: string,
): Promise<boolean> {
  const name = hashName(executionId);
  if ((await stampOf(path.join(place.saves, name))) !== null) return true;
  for (const id of (await folderNames(storage)).filter((each) => isHashName(each) && each !== place.id)) {
    if ((await stampOf(path.join(workspaceFolder(storage, id, '').saves, name))) !== null) return true;
  }
  return false;
}
