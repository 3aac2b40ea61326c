/**
 * Says what is inside (CycloneDX), from the lock file. Not by `npm sbom`: it leaves out what development needs as well, and refuses
 * to say anything when what a development package asks of its peers does not fit.
 */
import type { Runtime } from './targets.ts';

/** What is read of an entry of `package-lock.json`. */
export interface Locked {
  name?: string;
  version?: string;
  license?: string;
  integrity?: string;
  dev?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** As `installer-assets/redaction/gitleaks.json` says where its rules are from; the hash is of the file they were converted from. */
export interface RulesSource {
  project: string;
  version: string;
  sha256: string;
}

type Packages = Record<string, Locked>;
type PinnedRuntime = Runtime & { integrity: string };

/** The bill of materials of these executables: the same, wherever and whenever it is made of the same lock file. Pure. */
export function billOfMaterials(
  { packages }: { packages: Packages },
  runtimes: readonly PinnedRuntime[],
  rules: RulesSource,
) {
  const own = packages[''] ?? {};
  const nodes = new Map(runtimes.map((runtime) => [`${runtime.package}@${runtime.version}`, runtime]));
  const inside = Object.keys(packages).filter((where) => isInside(packages, where, runtimes));
  const references = new Set(inside.map((where) => referenceOf(packages, where)));
  const components = [...references].map((reference) => {
    const where = inside.find((one) => referenceOf(packages, one) === reference) ?? '';
    return { ...describe(packages, where, 'library'), ...hashOf(packages[where]?.integrity) };
  });
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: describe({ '': own }, '', 'application'),
    },
    components: [...components, ...[...nodes.values()].map(nodeComponent), rulesComponent(rules)].sort(byReference),
    dependencies: ['', ...inside].map((where) => ({
      ref: referenceOf(packages, where),
      dependsOn: needsOf(packages, where, inside),
    })),
  };
}

/** What development alone needs is not; of the Nodes there, the executables hold others. */
function isInside(packages: Packages, where: string, runtimes: readonly PinnedRuntime[]): boolean {
  return (
    where !== '' && packages[where]?.dev !== true && !runtimes.some((one) => one.package === nameOf(packages, where))
  );
}

function nameOf(packages: Packages, where: string): string {
  return packages[where]?.name ?? where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

const referenceOf = (packages: Packages, where: string): string =>
  `${nameOf(packages, where)}@${packages[where]?.version}`;

function describe(packages: Packages, where: string, type: 'application' | 'library') {
  const name = nameOf(packages, where);
  const { version, license } = packages[where] ?? {};
  const isOne = license !== undefined && /^[\w.+-]+$/.test(license);
  return {
    'bom-ref': referenceOf(packages, where),
    type,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license !== undefined && { licenses: [isOne ? { license: { id: license } } : { expression: license }] }),
  };
}

/** Where Node would find what a package asks for, of what is inside. */
function needsOf(packages: Packages, where: string, inside: readonly string[]): string[] {
  const { dependencies, optionalDependencies } = packages[where] ?? {};
  const found = Object.keys({ ...dependencies, ...optionalDependencies }).flatMap((name) => {
    for (let at = where; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
      const candidate = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
      if (inside.includes(candidate)) return [referenceOf(packages, candidate)];
      if (at === '') return [];
    }
  });
  return [...new Set(found)].sort();
}

function nodeComponent({ package: name, version, integrity }: PinnedRuntime) {
  return {
    'bom-ref': `${name}@${version}`,
    type: 'platform',
    name,
    version,
    description: 'Node.js, which the executable is made of',
    purl: `pkg:npm/${name}@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
    ...hashOf(integrity),
  };
}

function rulesComponent({ project, version, sha256 }: RulesSource) {
  return {
    'bom-ref': `${project}@${version}`,
    type: 'data',
    name: project,
    version,
    description: 'Rules for finding secrets, converted',
    purl: `pkg:github/gitleaks/${project}@v${version}`,
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-256', content: sha256 }],
  };
}

function hashOf(integrity: string | undefined) {
  const [algorithm = '', digest = ''] = (integrity ?? '').split(/-(.*)/s);
  if (digest === '') return {};
  return {
    hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }],
  };
}

const byReference = (a: { 'bom-ref': string }, b: { 'bom-ref': string }): number =>
  a['bom-ref'] < b['bom-ref'] ? -1 : 1;
