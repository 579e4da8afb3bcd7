import { globSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/*
 * What the code of a function can reach, by the type checker: from a declaration to every declaration that it names, and
 * so on. It errs on the side of too much: what is named counts, whether it is ever called or not.
 */

const ROOT = dirname(dirname(import.meta.dirname));

/** Named in code that a function reaches, but never run by a function in the cloud. */
const NOT_RUN = new Set([
  // The wiring of the runtime: which of its parts a function uses, the function's own code tells.
  'lib/runtime/cloud.ts cloudRuntime',
  'lib/runtime/cloud-sender.ts cloudSender',
  // Asked only where keys are not demanded, which is on a laptop.
  'lib/service/api-keys.ts hasKeys',
]);

/** A method of an interface → the code that stands behind it in the cloud. */
const BEHIND: Readonly<Record<string, string>> = {
  'Runtime authenticate': 'lib/runtime/authenticate.ts createAuthenticator',
  'Audience read': 'lib/service/webhooks/audience.ts createAudience',
};

/** Interfaces of ports beside the store whose members are counted. */
const PORTS: readonly string[] = ['Ports', 'WebhookPorts', 'SenderPorts'];

export interface Reach {
  /** Operations of the store's port. */
  readonly store: ReadonlySet<string>;
  /** It sends pokes. */
  readonly pokes: boolean;
  /** It sends messages about deliveries. */
  readonly deliveries: boolean;
  /** What it does with the keys that encrypt the secrets of webhooks. */
  readonly webhookKeys: 'nothing' | 'reads' | 'creates';
}

/** Analyses the project once, and returns what the code of a file can reach. */
export function createReach(): (file: string) => Reach {
  const rootNames = globSync('{functions,lib}/**/*.ts', { cwd: ROOT }).map((f) => join(ROOT, f));
  const program = ts.createProgram({
    rootNames,
    options: {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.NodeNext,
      types: ['node'],
    },
  });
  const checker = program.getTypeChecker();
  const fileOf = (node: ts.Node): string =>
    relative(ROOT, node.getSourceFile().fileName).replaceAll('\\', '/');
  const nameOf = (node: ts.Node): string =>
    ts.isVariableDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)
      ? `${fileOf(node)} ${node.name?.getText() ?? ''}`
      : '';
  const byName = new Map<string, ts.Node>();
  for (const source of program.getSourceFiles()) {
    if (!/^(?:lib|functions)\//.test(fileOf(source))) continue;
    const index = (node: ts.Node): void => {
      if (nameOf(node) !== '') byName.set(nameOf(node), node);
      ts.forEachChild(node, index);
    };
    index(source);
  }

  const symbolOf = (node: ts.Identifier): ts.Symbol | undefined => {
    const shorthand = ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : undefined;
    const symbol = shorthand ?? checker.getSymbolAtLocation(node);
    const isAlias = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    return isAlias ? checker.getAliasedSymbol(symbol) : symbol;
  };

  return (file) => {
    const start = program.getSourceFile(join(ROOT, file));
    if (start === undefined) throw new Error(`there is no ${file}`);
    const seen = new Set<ts.Node>();
    const store = new Set<string>();
    const ports = new Set<string>();
    const waiting: ts.Node[] = [start];

    const follow = (declaration: ts.Node): void => {
      const isOurs = /^(?:lib|functions)\//.test(fileOf(declaration));
      if (!isOurs || seen.has(declaration) || NOT_RUN.has(nameOf(declaration))) return;
      seen.add(declaration);
      waiting.push(declaration);
    };
    const note = (declaration: ts.Declaration): void => {
      if (ts.isSourceFile(declaration)) return;
      const owner = declaration.parent;
      if (!ts.isInterfaceDeclaration(owner)) return;
      const member = ts.getNameOfDeclaration(declaration)?.getText() ?? '';
      const name = owner.name.text;
      if (name === 'Store') store.add(member);
      if (PORTS.includes(name)) ports.add(`${name} ${member}`);
      const behind = BEHIND[`${name} ${member}`];
      const node = behind === undefined ? undefined : byName.get(behind);
      if (behind !== undefined && node === undefined) throw new Error(`there is no ${behind}`);
      if (node !== undefined) follow(node);
    };
    const visit = (node: ts.Node): void => {
      // A type runs nothing.
      if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
      if (ts.isIdentifier(node)) {
        for (const declaration of symbolOf(node)?.declarations ?? []) {
          note(declaration);
          follow(declaration);
        }
      }
      ts.forEachChild(node, visit);
    };
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) visit(node);
    const secrets = ports.has('SenderPorts deliver') ? 'reads' : 'nothing';
    return {
      store,
      pokes: ports.has('Ports poke'),
      deliveries: ports.has('WebhookPorts send') || ports.has('SenderPorts send'),
      webhookKeys: ports.has('WebhookPorts desk') ? 'creates' : secrets,
    };
  };
}
