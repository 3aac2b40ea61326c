import path from 'node:path';

/** A Kiro that runs now, with its age in seconds. */
export interface RunningKiro {
  pid: number;
  seconds: number;
}

/**
 * The Kiro windows in what `ps -xo pid=,etime=,comm=` prints, this user's processes alone (kiro/README K29). Lines that are
 * not understood are left out. Pure.
 */
export function parseRunningKiro(listing: string): RunningKiro[] {
  return listing.split('\n').flatMap((line) => {
    const [, pid, days = '0', hours = '0', minutes, seconds, command = ''] = LINE.exec(line) ?? [];
    if (pid === undefined || !isKiro(command)) return [];
    const age = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
    return [{ pid: Number(pid), seconds: age }];
  });
}

const LINE = /^\s*(\d+)\s+(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s+(.+?)\s*$/;

/** macOS gives the whole path, in which the program itself is called Electron. */
function isKiro(command: string): boolean {
  return path.basename(command) === 'kiro' || command.endsWith('/Kiro.app/Contents/MacOS/Electron');
}
