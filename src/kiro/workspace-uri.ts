import path from 'node:path';
import type { Platform } from '../core/host.ts';

/** Where one of Kiro's lists says that a workspace is. `uri` is the same text for the same place, however it was written. */
export type Location =
  | { kind: 'local'; uri: string; path: string }
  /** On another machine or in no file system at all: never looked at. */
  | { kind: 'remote'; uri: string; name: string; reason: string };

/** A URI as Code-OSS writes it (kiro/README K24); null for what is none. Pure: `platform` decides what a path looks like. */
export function parseUri(text: string, platform: Platform): Location | null {
  const match = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?(\/.*)?$/i.exec(text);
  const scheme = match?.[1]?.toLowerCase();
  const authority = decode(match?.[2] ?? '');
  const place = decode(match?.[3] ?? '/');
  // One letter before a colon is a Windows drive, not a scheme.
  if (scheme === undefined || scheme.length === 1 || authority === null || place === null) return null;
  if (scheme !== 'file') {
    const reason =
      scheme === 'vscode-remote' ? `on ${authority}; install capsule-kiro there` : `not a folder on a disk (${scheme})`;
    return { kind: 'remote', uri: `${scheme}://${authority}${place}`, name: nameOf(place, authority), reason };
  }
  if (authority === '' || authority === 'localhost') return locatePath(fromUriPath(place, platform), platform);
  const reason = `on the network share of ${authority}, which is never looked at`;
  return { kind: 'remote', uri: `file://${authority}${place}`, name: nameOf(place, authority), reason };
}

/** An absolute path of this system; null for any other text, such as another system's path. */
export function locatePath(text: string, platform: Platform): Location | null {
  const flavour = platform === 'win32' ? path.win32 : path.posix;
  if (!flavour.isAbsolute(text) || text.includes('\0')) return null;
  if (platform === 'win32' && /^[\\/]{2}/.test(text)) {
    return parseUri(`file:${text.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')}`, platform);
  }
  const normal = dropTrailingSeparator(flavour.normalize(text), flavour.parse(flavour.normalize(text)).root);
  const place = platform === 'win32' ? normal.replace(/^[A-Z]:/, (drive) => drive.toLowerCase()) : normal;
  const steps = place.split(flavour.sep).map(encodeURIComponent).join('/');
  return { kind: 'local', uri: `file://${steps.startsWith('/') ? '' : '/'}${steps}`, path: place };
}

/** `/c:/Users/dev` is how a URI spells a Windows path. */
function fromUriPath(place: string, platform: Platform): string {
  return platform === 'win32' ? place.replace(/^\/(?=[a-z]:)/i, '') : place;
}

function dropTrailingSeparator(place: string, root: string): string {
  return place.length > root.length ? place.replace(/[\\/]$/, '') : place;
}

function nameOf(place: string, authority: string): string {
  return place.split('/').findLast((step) => step !== '') ?? authority;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A stray per cent sign: no URI that Kiro wrote.
    if (error instanceof URIError) return null;
    throw error;
  }
}
