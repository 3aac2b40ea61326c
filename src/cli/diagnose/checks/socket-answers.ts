import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { readEndpoint } from '../../../relay/local-client.ts';
import { type Check, found, passed } from '../check.ts';

export const socketAnswers: Check = {
  id: 'socket.answers',
  title: 'the local socket answers, and only its owner can open it',
  why: 'Over it commands and dispatcher reach the daemon; whoever else can open it can ring and read where your work is.',
  remedy: 'Restart the daemon: it makes the socket anew.',
  needs: ['daemon.running'],
  run(host) {
    const socket = readEndpoint(host.own)?.socket ?? host.own.socket;
    const read = [host.own.endpoint, socket];
    if (host.platform === 'win32') return passed(read, 'a pipe under a random name that only this user can read');
    const amiss = [
      ...judge(socket, 'socket', (stat) => stat.isSocket()),
      ...judge(path.dirname(socket), 'folder', (stat) => stat.isDirectory()),
    ];
    if (amiss.length === 0) return passed(read);
    return found('fail', read, amiss, { say: 'Have the daemon make it anew', command: 'capsule-kiro restart' });
  },
};

function judge(file: string, what: string, isOne: (stat: Stats) => boolean): string[] {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return [`${file} is not there`];
  return [
    ...(isOne(stat) ? [] : [`${file} is not a ${what}`]),
    ...(stat.uid === process.getuid?.() ? [] : [`${file} belongs to another user`]),
    ...((stat.mode & 0o077) === 0 ? [] : [`${file} is open to others (mode ${(stat.mode & 0o777).toString(8)})`]),
  ];
}
