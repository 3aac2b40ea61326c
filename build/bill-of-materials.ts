/** Says what is inside: npm's own list (CycloneDX) with the Nodes added, and without what only this machine and moment know. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TOP } from './places.ts';
import type { Runtime } from './targets.ts';

interface Component {
  'bom-ref': string;
  name: string;
  externalReferences?: { type: string; url: string }[];
  [more: string]: unknown;
}

interface Bill {
  metadata: { component: Component; [more: string]: unknown };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
  [more: string]: unknown;
}

/** The bill of materials of these executables, as JSON that is the same for the same lock file. */
export async function billOfMaterials(runtimes: readonly (Runtime & { integrity: string })[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev', '--omit', 'optional'],
    { cwd: TOP, maxBuffer: 64 * 1024 * 1024 },
  );
  return `${JSON.stringify(settle(JSON.parse(stdout), runtimes), null, 2)}\n`;
}

/** Takes out what changes from run to run or tells of the building machine, and adds the Nodes. Pure. */
export function settle(given: Bill, runtimes: readonly (Runtime & { integrity: string })[]): Bill {
  const { serialNumber: _serial, ...bill } = given;
  const { timestamp: _time, component, ...metadata } = bill.metadata;
  const inside = bill.components.filter(({ name }) => !runtimes.some((runtime) => runtime.package === name));
  return {
    ...bill,
    // npm names the program after the folder it lies in.
    metadata: { ...metadata, component: { ...component, name: component['bom-ref'].replace(/@[^@]*$/, '') } },
    components: [...inside.map(withoutDownloads), ...runtimes.map(nodeComponent)].sort(byReference),
    dependencies: bill.dependencies.filter(
      ({ ref }) => ref === component['bom-ref'] || inside.some((one) => one['bom-ref'] === ref),
    ),
  };
}

/** Where a package was downloaded from is the building machine's choice; its hash says which one it was. */
function withoutDownloads(component: Component): Component {
  const references = component.externalReferences?.filter(({ type }) => type !== 'distribution');
  return { ...component, ...(references && { externalReferences: references }) };
}

function nodeComponent({ package: name, version, integrity }: Runtime & { integrity: string }): Component {
  const [algorithm = '', digest = ''] = integrity.split(/-(.*)/s);
  return {
    'bom-ref': `${name}@${version}`,
    type: 'platform',
    name,
    version,
    description: 'Node.js, which the executable is made of',
    purl: `pkg:npm/${name}@${version}`,
    hashes: [{ alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') }],
    licenses: [{ license: { id: 'MIT' } }],
  };
}

const byReference = (a: Component, b: Component): number => (a['bom-ref'] < b['bom-ref'] ? -1 : 1);
