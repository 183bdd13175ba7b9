import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const SOURCES = join(import.meta.dirname, '../src');
/** Where the functions that make errors take the hint. */
const HINT_ARGUMENT = new Map([
  ['UserError', 2],
  ['layerError', 2],
  ['nodeError', 2],
  ['usageError', 1],
  ['hparamError', 3],
]);
const HINT_NAME = /^(hint|HINT|WAYS_OUT|TRAINING_DIVERGED)$/;
/** What a hint begins and ends with: a sentence, or a question that names the nearest word; `…` is what is filled in. */
const SENTENCE = /^(…|[A-Z]).*(…|[.?])$/s;

test('hints are sentences, which tell what to do', () => {
  const hints = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('wire/gen'))
    .flatMap((name) => hintsIn(name, readFileSync(join(SOURCES, name), 'utf8')));
  expect(hints.length).toBeGreaterThan(120);
  expect(hints.filter(({ text }) => !SENTENCE.test(text))).toEqual([]);
});

function hintsIn(name: string, source: string): { name: string; text: string }[] {
  const texts: string[] = [];
  const add = (hint: ts.Node | undefined) => {
    if (hint === undefined) return;
    if (ts.isParenthesizedExpression(hint)) add(hint.expression);
    else if (ts.isConditionalExpression(hint)) [hint.whenTrue, hint.whenFalse].forEach(add);
    else if (ts.isBinaryExpression(hint) && hint.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
      [hint.left, hint.right].forEach(add);
    else {
      const text = literal(hint);
      if (text !== undefined) texts.push(text);
    }
  };
  const visit = (node: ts.Node) => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const place = HINT_ARGUMENT.get(node.expression.getText());
      if (place !== undefined) add(node.arguments?.[place]);
    }
    if (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node))
      if (HINT_NAME.test(node.name.getText())) add(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true));
  return texts.map((text) => ({ name, text }));
}

/** The text of a literal, of a template or of a sum of them; undefined of anything else. */
function literal(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return [node.head.text, ...node.templateSpans.map((span) => `…${span.literal.text}`)].join('');
  if (!ts.isBinaryExpression(node)) return undefined;
  const [left, right] = [literal(node.left), literal(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? '…'}${right ?? '…'}`;
}
