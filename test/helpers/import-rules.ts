/** Who may import whom, and why. The table is the one in ARCHITECTURE.md. */
import path from 'node:path';
import type { Tree } from './source-files.ts';

const FOLDERS: Readonly<Record<string, { may: readonly string[]; because: string }>> = {
  bin: { may: ['cli'], because: 'bin hands the arguments to src/cli and knows nothing else' },
  cli: {
    may: ['core', 'kiro', 'capture', 'relay', 'service', 'portal'],
    because: 'the commands put the parts together',
  },
  capture: {
    may: ['kiro', 'core'],
    because: 'capture turns what Kiro wrote into events and does not know who takes them',
  },
  kiro: { may: ['core'], because: 'kiro knows files of Kiro and nothing of what is done with them' },
  relay: { may: ['core'], because: 'relay carries events that it does not understand' },
  service: { may: ['core'], because: 'service only has the system start a program' },
  portal: { may: ['core'], because: 'agent and portal share the event contract and HTTP, nothing else' },
  core: { may: [], because: 'core is what everybody may use, so it uses nobody' },
};
const CORE_PACKAGES = ['env-paths'];
const CORE_FILES = 8;
const NO_FOLDERS = ['utils', 'common', 'helpers'];

interface Import {
  of: string;
  dynamic: boolean;
}

/** What a file imports, also for types only. An `import()` of something that is not a plain text has `of` empty. */
export function importsOf(text: string): Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const found = (pattern: RegExp, dynamic: boolean): Import[] =>
    [...code.matchAll(pattern)].map((match) => ({ of: match[1] ?? '', dynamic }));
  return [
    ...found(/^\s*(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]/gm, false),
    ...found(/^\s*import\s*['"]([^'"]+)['"]/gm, false),
    ...found(/\bimport\(\s*(?:['"]([^'"]+)['"]\s*[,)])?/g, true),
  ];
}

/** Every breach of the rules in this tree, each as one sentence with its reason. */
export function breaches(tree: Tree, packages: readonly string[]): string[] {
  const said = [...tree].flatMap(([file, text]) => [
    ...misplaced(file),
    ...importsOf(text).flatMap((each) => forbidden(file, each, packages)),
  ]);
  const core = [...tree.keys()].filter((file) => folderOf(file) === 'core');
  if (core.length > CORE_FILES) {
    said.push(`src/core has ${core.length} files: more than ${CORE_FILES} is a place where things end up, not a core`);
  }
  return [...said, ...eagerPortal(tree)];
}

function misplaced(file: string): string[] {
  const parts = file.split('/');
  return [
    ...parts
      .filter((part) => NO_FOLDERS.includes(part))
      .map((part) => `${file}: no folder is called ${part}, because a name that fits anything says nothing`),
    ...(/^index\.tsx?$/.test(parts.at(-1) ?? '')
      ? [`${file}: no index files, because each thing has one place it is imported from`]
      : []),
  ];
}

function forbidden(file: string, { of }: Import, packages: readonly string[]): string[] {
  const from = folderOf(file);
  const rule = FOLDERS[from];
  if (rule === undefined) return [`${file}: src/${from} is no folder of the house`];
  if (of === '') return [`${file}: imports something that is only known when it runs, so nobody can check it`];
  if (of.startsWith('node:')) return [];
  if (!of.startsWith('.')) return foreign(file, from, of, packages);
  const target = resolve(file, of);
  const to = folderOf(target);
  if (to === from || rule.may.includes(to)) return [];
  const only = rule.may.length === 0 ? 'nothing of src' : rule.may.join(' and ');
  return [`${file} imports ${target}: ${from} may import ${only}, because ${rule.because}`];
}

function foreign(file: string, from: string, of: string, packages: readonly string[]): string[] {
  const name = of
    .split('/')
    .slice(0, of.startsWith('@') ? 2 : 1)
    .join('/');
  if (from === 'core' && !CORE_PACKAGES.includes(name)) {
    return [
      `${file} imports ${name}: core may use ${CORE_PACKAGES.join(', ')}, because whatever it uses everybody carries`,
    ];
  }
  if (packages.includes(name)) return [];
  return [`${file} imports ${name}: it is not among the dependencies, so it is not there when the program runs`];
}

/**
 * The portal costs an agent nothing: a file that imports it is itself only loaded by `import()`. So no file but such a file
 * imports such a file at its head.
 */
function eagerPortal(tree: Tree): string[] {
  const atHead = (file: string) =>
    importsOf(tree.get(file) ?? '')
      .filter(({ of, dynamic }) => !dynamic && of.startsWith('.'))
      .map(({ of }) => resolve(file, of));
  const outside = [...tree.keys()].filter((file) => folderOf(file) !== 'portal');
  const ofPortal = new Set(outside.filter((file) => atHead(file).some((target) => folderOf(target) === 'portal')));
  return outside
    .filter((file) => !ofPortal.has(file))
    .flatMap((file) =>
      atHead(file)
        .filter((target) => ofPortal.has(target))
        .map(
          (target) =>
            `${file} imports ${target} at its head: the portal is loaded by import() alone, because an agent must not pay for it`,
        ),
    );
}

function folderOf(file: string): string {
  const [top = '', folder = ''] = file.split('/');
  return top === 'src' ? folder : top;
}

function resolve(file: string, of: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), of));
}
