/** Reads the macOS executables as a Mac would before starting them. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { bringRuntime } from '../runtimes.ts';
import type { Target } from '../targets.ts';
import { faultsOfSealing, faultsOfSignature, readMachFile } from './mach-o.ts';
import { none, type Report } from './report.ts';

/** What Node looks for in itself to learn whether it is sealed: `:1` behind it says yes. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** `bring` answers the folder of the Node that was sealed into. */
export async function verifyMac(report: Report, target: Target, file: string, bring = bringRuntime): Promise<void> {
  const sealed = await readFile(file);
  const base = await readFile(path.join(await bring(target.runtime), target.runtime.file));
  await report.check('is for its processor, and says from which macOS on', () => {
    const { cpu, minimumSystem } = readMachFile(sealed);
    if (cpu !== target.arch) throw new Error(`it is for ${cpu}`);
    return `macOS ${minimumSystem}`;
  });
  await report.check('has an ad-hoc signature with the right hash for every page', () => {
    none(faultsOfSignature(sealed));
    return `${Math.ceil(sealed.length / 4096)} pages`;
  });
  await report.check('fails that check when one bit is turned', () => {
    const spoiled = Buffer.from(sealed);
    const middle = spoiled.length >> 1;
    spoiled.writeUInt8(spoiled.readUInt8(middle) ^ 1, middle);
    if (faultsOfSignature(spoiled).length === 0) throw new Error('it did not');
    return '';
  });
  await report.check("holds Node's code and data unmoved and unchanged", () => {
    none(faultsOfSealing(sealed, base, FUSE));
    return '';
  });
  report.skip('that it runs', 'that takes a Mac');
}
