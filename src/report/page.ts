import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReportData } from './report-data.ts';

/**
 * The page of a report: one file that opens from the disk and needs no network.
 *
 * @returns HTML
 */
export function reportPage(data: ReportData): string {
  const script = read('page.js').replaceAll('</script', '<\\/script');
  const style = read('page.css').replaceAll('</style', '<\\/style');
  return `<!doctype html>
<html lang="en">
<!--
${read('NOTICE.txt').replaceAll('--', '- -').trim()}
-->
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '${digest(script)}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pruning report</title>
<style>${style}</style>
</head>
<body>
<main id="report"><noscript>This page draws its tables and plots with JavaScript, which is off.</noscript></main>
<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * The plots of a report as files for papers: its overview and, for each run, its layers and its confusion matrix.
 *
 * @returns SVG by file name
 */
export function reportPictures(data: ReportData): ReadonlyMap<string, string> {
  const { pictures } = createRequire(import.meta.url)(pathOf('pictures.cjs')) as {
    pictures: (data: ReportData) => Map<string, string>;
  };
  return pictures(data);
}

/** The data as JSON with `<`, `>` and `&` escaped, so that no text can end the element that holds it. */
function embeddedJson(data: ReportData): string {
  return JSON.stringify(data).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The hash of the only script that the page's security policy allows. */
const digest = (script: string) => `sha256-${createHash('sha256').update(script).digest('base64')}`;

const read = (name: string) => readFileSync(pathOf(name), 'utf8');

function pathOf(name: string): string {
  const folder = extname(import.meta.url) === '.ts' ? '../../dist/report/' : '../../report/';
  const path = fileURLToPath(new URL(`${folder}${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`no ${path}; "npm run build:report" makes it`);
  return path;
}
