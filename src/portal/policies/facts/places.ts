/** Where relative names begin and what is home: everything a path's name depends on. */
export interface Places {
  /** The workspace, or the folder a command has changed to; normalised. Empty when unknown. */
  folder: string;
  user: string;
}

const MAX_PATH = 4_096;

/**
 * One way to write a path: absolute against `folder`, `/` between its parts, a small drive letter, the user's home as `~`.
 * Pure; nothing is looked up, so links are not followed.
 */
export function normalisePath(typed: string, { folder, user }: Places): string {
  const slashed = expandHome(typed.slice(0, MAX_PATH)).replaceAll('\\', '/');
  const drive = slashed.replace(/^([A-Za-z]):(?=\/|$)/, (_whole, letter: string) => `${letter.toLowerCase()}:`);
  const rooted = isRooted(drive) ? drive : `${folder}/${drive}`;
  return withTilde(collapse(rooted), user);
}

const isRooted = (path: string): boolean => /^(\/|~|[a-z]:)/.test(path);

const HOMES = /^(?:\$HOME|\$\{HOME\}|%USERPROFILE%|%HOMEDRIVE%%HOMEPATH%|\$env:USERPROFILE|\$env:HOME)(?=[/\\]|$)/i;
const APPDATA = /^(?:%APPDATA%|\$env:APPDATA)(?=[/\\]|$)/i;
const LOCAL = /^(?:%LOCALAPPDATA%|\$env:LOCALAPPDATA)(?=[/\\]|$)/i;
const expandHome = (path: string): string =>
  path
    .replace(/^file:\/\/(?=\/)/, '')
    .replace(HOMES, '~')
    .replace(APPDATA, '~/AppData/Roaming')
    .replace(LOCAL, '~/AppData/Local');

function collapse(path: string): string {
  const [root = ''] = /^(\/|~[^/]*|[a-z]:)?/.exec(path) ?? [];
  const parts: string[] = [];
  for (const part of path.slice(root.length).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const rest = parts.join('/');
  if (root === '/' || rest === '') return root + rest;
  return root === '' ? rest : `${root}/${rest}`;
}

function withTilde(path: string, user: string): string {
  const homes = [
    `/home/${user}`,
    `/Users/${user}`,
    `c:/Users/${user}`,
    `/c/Users/${user}`,
    ...(user === 'root' ? ['/root'] : []),
  ];
  for (const home of homes) {
    const same = path.slice(0, home.length).toLowerCase() === home.toLowerCase();
    if (user !== '' && same && (path.length === home.length || path[home.length] === '/'))
      return `~${path.slice(home.length)}`;
  }
  return path;
}

/** Whether a normalised path is the folder or lies in it. */
export const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
