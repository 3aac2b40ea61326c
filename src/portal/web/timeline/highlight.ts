import bash from 'highlight.js/lib/languages/bash';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import json from 'highlight.js/lib/languages/json';
import powershell from 'highlight.js/lib/languages/powershell';
import python from 'highlight.js/lib/languages/python';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import type { Language } from './language.ts';
import { type Painted, paint, type Tree } from './painted.ts';

const GRAMMARS = { bash, powershell, json, yaml, typescript, python, go, java, sql, xml, diff } satisfies Record<
  Language,
  unknown
>;
const lowlight = createLowlight(GRAMMARS);

/** Which stretches of a code have which colour. The text itself is not changed, and no HTML is made of it. */
export const highlight = (code: string, language: Language): Painted[] =>
  paint(lowlight.highlight(language, code).children.map(treeOf));

type Node = ReturnType<typeof lowlight.highlight>['children'][number];

function treeOf(node: Node): Tree {
  if (node.type === 'text') return { type: 'text', value: node.value };
  if (node.type !== 'element') return { type: node.type, classes: [], children: [] };
  const names = node.properties.className;
  return {
    type: node.type,
    classes: Array.isArray(names) ? names.map(String) : [],
    children: node.children.map(treeOf),
  };
}
