// What `npm run lint` looks for beyond the type check, by TypeScript's own compiler.
import { relative } from 'node:path';
import ts from 'typescript';

/** May be imported without a browser: by each other, and of other modules only types. Patterns of paths below src. */
const PURE = [/^text\/\w+\.ts$/, /^state\/(view|filter)\.ts$/, /^api\/(events|schema)\.ts$/];
/** Made from the OpenAPI document, whatever of it is used. */
const GENERATED = /^api\/schema\.ts$/;

/** The problems in the program's files below `root`, as `file:line: text`, in the order of the files. Its other files count as users only. */
export function problems(program, root) {
  const checker = program.getTypeChecker();
  const path = (file) => relative(root, file.fileName);
  const modules = program.getSourceFiles().filter((file) => !file.isDeclarationFile);
  const files = modules.filter((file) => !path(file).startsWith('..')).sort((a, b) => (path(a) < path(b) ? -1 : 1));
  const found = [];
  const report = (file, node, text) => found.push({ file: path(file), line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, text });

  const graph = new Map(files.map((file) => [file, imports(file)]));
  for (const file of files) {
    visit(file, file);
    if (isPure(file)) for (const { node, target } of graph.get(file)) if (!target || !isPure(target)) report(file, node, 'a pure module imports only pure modules');
  }
  unusedExports();
  cycles();
  return found.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line)).map(({ file, line, text }) => `${file}:${line}: ${text}`);

  function isPure(file) {
    return PURE.some((pattern) => pattern.test(path(file)));
  }

  /** What a module imports at run time; `target` is undefined for a package. */
  function imports(file) {
    return file.statements.flatMap((node) => {
      const isImport = ts.isImportDeclaration(node) && !node.importClause?.isTypeOnly;
      const isReexport = ts.isExportDeclaration(node) && node.moduleSpecifier && !node.isTypeOnly;
      if (!isImport && !isReexport) return [];
      const names = node.importClause?.namedBindings?.elements;
      if (names?.length && names.every((name) => name.isTypeOnly) && !node.importClause.name) return [];
      return [{ node, target: files.find((one) => one === checker.getSymbolAtLocation(node.moduleSpecifier)?.valueDeclaration) }];
    });
  }

  function visit(file, node) {
    if (ts.isBinaryExpression(node) && [ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken].includes(node.operatorToken.kind)) {
      report(file, node, 'compare by === or !==');
    }
    if (node.kind === ts.SyntaxKind.AnyKeyword) report(file, node, '"any" switches the type check off; "unknown" does not');
    if (ts.isDebuggerStatement(node) || (ts.isIdentifier(node) && node.text === 'console' && ts.isPropertyAccessExpression(node.parent))) {
      report(file, node, 'left over from debugging');
    }
    if (ts.isExpressionStatement(node) && isLost(node.expression)) report(file, node, 'a promise is neither awaited, handled nor marked by "void"');
    if (ts.isJsxAttribute(node) && node.name.getText(file) === 'dangerouslySetInnerHTML') report(file, node, 'the API’s texts are no HTML');
    ts.forEachChild(node, (child) => visit(file, child));
  }

  /** A call whose promise nobody takes, and whose failure nobody handles. */
  function isLost(expression) {
    if (!ts.isCallExpression(expression) || !checker.getTypeAtLocation(expression).getProperty('then')) return false;
    const method = ts.isPropertyAccessExpression(expression.expression) ? expression.expression.name.text : '';
    return !(method === 'catch' || (method === 'then' && expression.arguments.length === 2));
  }

  /** An export that no other module names. A type may be one without: it says what a function takes or gives. */
  function unusedExports() {
    const used = new Set();
    for (const file of modules) {
      const names = (node) => {
        if (ts.isImportSpecifier(node)) used.add(checker.getAliasedSymbol(checker.getSymbolAtLocation(node.name)));
        // What is imported when it is needed is used as a whole.
        if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
          const module = checker.getSymbolAtLocation(node.arguments[0]);
          if (module) checker.getExportsOfModule(module).forEach((symbol) => used.add(symbol));
        }
        ts.forEachChild(node, names);
      };
      names(file);
    }
    for (const file of files.filter((one) => !GENERATED.test(path(one)))) {
      const module = checker.getSymbolAtLocation(file);
      for (const symbol of module ? checker.getExportsOfModule(module) : []) {
        if (symbol.flags & ts.SymbolFlags.Value && !used.has(symbol)) report(file, symbol.declarations[0], `no other module uses the export ${symbol.name}`);
      }
    }
  }

  /** Modules that need each other at run time: which of them is ready first depends on who asks. */
  function cycles() {
    const done = new Set();
    const walk = (file, trail) => {
      if (trail.includes(file)) return report(file, file, `imports itself by ${[...trail.slice(trail.indexOf(file)), file].map(path).join(' > ')}`);
      if (done.has(file)) return;
      for (const { target } of graph.get(file)) if (target) walk(target, [...trail, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
  }
}
