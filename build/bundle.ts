/** Makes files of the program: one that answers at once, and parts of all the rest, which are loaded as they are needed. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin, type TransformOptions, transform } from 'esbuild';
import { TOP } from './places.ts';

const WRITING = {
  platform: 'node',
  target: 'node24',
  supported: { 'dynamic-import': false },
  // Names stay, for the sake of whoever reads a crash report; lines are cut, because Node prints the whole line of a crash.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 160,
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies TransformOptions;

const READING = {
  absWorkingDir: TOP,
  bundle: true,
  // jsonc-parser's other form cannot be bundled.
  mainFields: ['module', 'main'],
  define: { 'import.meta.url': 'importMetaUrl' },
  logOverride: { 'large-output': 'silent' },
} satisfies BuildOptions;

/** A sealed ES module starts 30 ms later. */
const FORM = {
  format: 'cjs',
  banner: 'const importMetaUrl=require("node:url").pathToFileURL(__filename).href;',
} as const;

/** How the first part finds the rest: as assets of the executable it is in, or in the folder `program` beside it. */
export type Laid = 'sealed' | 'in-folder';
const LOADERS: Record<Laid, string> = { sealed: 'command-line.ts', 'in-folder': 'command-line-in-folder.ts' };

function standIn(laid: Laid): Plugin {
  return {
    name: 'the rest is loaded when it is needed',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/command-line\.ts$/ }, () => ({
        path: path.join(import.meta.dirname, 'sealed', LOADERS[laid]),
      }));
    },
  };
}

/**
 * Writes the first part, which is what is sealed as the program, and the folder of the rest, whose files are sealed as assets:
 * one for each `import()` and for what several of them share. A process holds the text of what it runs, and no more: the
 * daemon a third of all. Answers the packages that are in them.
 */
export async function bundle(first: string, rest: string, laid: Laid = 'sealed'): Promise<Set<string>> {
  const firstPart = await build({
    ...READING,
    ...WRITING,
    format: FORM.format,
    banner: { js: FORM.banner },
    entryPoints: ['bin/main.ts'],
    outfile: first,
    plugins: [standIn(laid)],
    metafile: true,
  });
  const { outputFiles, metafile } = await build({
    ...READING,
    ...WRITING,
    supported: {},
    // Only this form can be split.
    format: 'esm',
    splitting: true,
    outExtension: { '.js': '.cjs' },
    chunkNames: '[name]-[hash]',
    entryPoints: ['src/cli/command-line.ts'],
    outdir: rest,
    write: false,
    metafile: true,
  });
  const wholeModules = commonModules(metafile);
  rmSync(rest, { recursive: true, force: true });
  mkdirSync(rest, { recursive: true });
  for (const { path: file, text } of outputFiles) {
    const { code } = await transform(text, { ...WRITING, ...FORM });
    writeFileSync(file, wholeModules.has(path.basename(file)) ? code + BY_NAME : code);
  }
  return new Set([...packagesIn(firstPart.metafile), ...packagesIn(metafile)]);
}

/** The packages of which something was written, as the lock file calls them (`node_modules/got`). Pure. */
export function packagesIn({ outputs }: Pick<Metafile, 'outputs'>): Set<string> {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const written = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return new Set(written.flatMap(([file]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
}

/** What `import()` answers of a CommonJS module in Node: its exports by name as well; a split program would have `default` alone. */
const BY_NAME = 'module.exports={__esModule:true,...module.exports.default,default:module.exports.default};\n';

/** The parts that are a CommonJS module which an `import()` asks for. */
function commonModules({ inputs, outputs }: Metafile): Set<string> {
  const common = Object.entries(outputs).filter(([, { entryPoint = '' }]) => inputs[entryPoint]?.format === 'cjs');
  return new Set(common.map(([file]) => path.basename(file)));
}
