import ts from 'typescript';
import type { Tree } from './source-files.ts';

/**
 * What a tree exports without a docstring and should not: functions and classes. A type may say what it is by the names of
 * its members.
 */
export function undocumented(tree: Tree): string[] {
  return [...tree].flatMap(([file, text]) => {
    const { statements } = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return statements
      .filter((each) => isExported(each) && promises(each) && !hasDocstring(each))
      .map((each) => `${file}: ${nameOf(each)}`);
  });
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
  );
}

function promises(statement: ts.Statement): boolean {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return true;
  if (!ts.isVariableStatement(statement)) return false;
  return statement.declarationList.declarations.some(
    ({ initializer }) =>
      initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)),
  );
}

function hasDocstring(statement: ts.Statement): boolean {
  return ts.getJSDocCommentsAndTags(statement).length > 0;
}

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0]?.name.getText() ?? '';
  return (statement as ts.DeclarationStatement).name?.text ?? 'default';
}
