import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reportCsv } from '../../src/report/csv.ts';
import { reportPage } from '../../src/report/page.ts';
import { sampleReport } from '../report/sample.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const WIDTHS = [390, 1280];
const THEMES = ['light', 'dark'] as const;

/** Needs a Chromium: Debian's, or the one that CHROMIUM names, which must be there. */
describe.skipIf(!process.env.CHROMIUM && !existsSync(CHROMIUM))('the page of a report in a browser', () => {
  const data = sampleReport();
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-page-'));
    await writeFile(join(folder, 'report.html'), reportPage(data));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  async function open(width: number, colorScheme: (typeof THEMES)[number], file = 'report.html') {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, file)).href);
    await page.waitForSelector('.plot svg path', { state: 'attached' });
    return { page, complaints, close: () => context.close() };
  }

  const evaluated = <Value>(page: Page, expression: string) => page.evaluate(expression) as Promise<Value>;

  test.each(WIDTHS.flatMap((width) => THEMES.map((theme) => [width, theme] as const)))(
    'draws all at %i pixels in the %s theme, within the screen, without an error or a request',
    async (width, theme) => {
      const { page, complaints, close } = await open(width, theme);
      expect(await page.locator('figure .plot').count()).toBe(13);
      expect(await page.locator('.plot svg').count()).toBe(13);
      expect(await evaluated(page, 'document.documentElement.scrollWidth')).toBe(width);
      const wider = `[...document.querySelectorAll('main *')].filter((each) => !each.closest('.scroll table, svg') &&
        each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML.slice(0, 80))`;
      expect(await evaluated(page, wider)).toEqual([]);
      expect(complaints).toEqual([]);
      await close();
    },
  );

  test('is light or dark as the system is, also when that changes', async () => {
    const { page, close } = await open(1280, 'light');
    const colours = async () => [
      await evaluated<string>(page, 'getComputedStyle(document.body).backgroundColor'),
      await page.locator('.plot svg text').first().getAttribute('fill'),
    ];
    const light = await colours();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await colours();
    expect(light[0]).toBe('rgb(255, 255, 255)');
    expect(dark[0]).toBe('rgb(22, 25, 29)');
    expect(dark[1]).not.toBe(light[1]);
    await close();
  });

  test('tells the numbers of a point, and of all curves at a step, under the pointer', async () => {
    const { page, close } = await open(1280, 'light');
    const figure = (title: string) => page.locator('figure', { hasText: title });
    const tip = page.locator('.tip:visible');
    const point = figure('Accuracy against sparsity')
      .locator('svg path[fill="#0072b2"][fill-opacity="0.85"]')
      .first();
    await point.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await point.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await tip.waitFor();
    const [first] = data.runs;
    const percent = (fraction: number) => `${(100 * fraction).toFixed(2)}%`;
    const told = await tip.innerText();
    expect(data.runs.map(({ name }) => name)).toContain(told.split('\n')[0]);
    const run = data.runs.find(({ name }) => told.startsWith(`${name}\n`)) ?? first!;
    expect(told).toContain(percent(run.averages!.accuracy));
    expect(told).toContain(percent(run.sparsity));

    const plot = figure('Sparsity that the schedule asks for').locator('.plot');
    await plot.scrollIntoViewIfNeeded();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator('.tip:visible', { hasText: 'step ' }).waitFor();
    expect(await page.locator('.tip:visible', { hasText: 'step ' }).innerText()).toMatch(
      /^step [\d,]+\n.*\d\d\.\d\d%[\s\S]*and 3 others/,
    );
    await close();
  });

  test('sorts a table by a header, up and down', async () => {
    const { page, close } = await open(1280, 'light');
    const header = page.locator('#runs th', { hasText: 'Accuracy, averages' });
    const cells = async () => {
      const titles = await page.locator('#runs thead th').allTextContents();
      const index = titles.indexOf('Accuracy, averages');
      const texts = await page.locator(`#runs tbody tr > :nth-child(${index + 1})`).allInnerTexts();
      return texts.map((text) => Number.parseFloat(text));
    };
    const before = await cells();
    const sorted = before.toSorted((one, other) => one - other);
    expect(before).not.toEqual(sorted);
    await header.locator('button').click();
    expect(await cells()).toEqual(sorted);
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    await header.locator('button').click();
    expect(await cells()).toEqual(sorted.toReversed());
    await close();
  });

  test('keeps the first column of a table in place on a phone', async () => {
    const { page, close } = await open(390, 'light');
    const scroll = page.locator('.scroll', { hasText: 'Training time' });
    const name = scroll.locator('tbody th').first();
    const before = await name.boundingBox();
    await scroll.evaluate((region) => region.scrollBy(150, 0));
    expect(await scroll.evaluate((region) => region.scrollLeft)).toBe(150);
    expect((await name.boundingBox())!.x).toBe(before!.x);
    await close();
  });

  test('copies the runs as CSV', async () => {
    const { page, close } = await open(1280, 'light');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('#copy');
    await page.locator('#runs [role=status]', { hasText: 'Copied 15 rows.' }).waitFor();
    expect(await evaluated(page, 'navigator.clipboard.readText()')).toBe(reportCsv(data));
    await close();
  });

  test('shows the run that is chosen', async () => {
    const { page, complaints, close } = await open(1280, 'light');
    const last = data.runs.at(-1)!;
    await page.selectOption('#run-choice', { index: data.runs.length - 1 });
    expect(await page.locator('#run dl').first().innerText()).toContain(last.folder);
    expect(await page.locator('#run .plot svg').count()).toBe(7);
    expect(complaints).toEqual([]);
    await close();
  });

  test('shows names as they are written, whatever they hold', async () => {
    const name = `<img src=x onerror="console.log('run')"></script><script>console.log(1)</script>\u2028`;
    const [run] = data.runs;
    const bare = {
      ...run!,
      name,
      models: [],
      timings: [],
      mistakes: [],
      curves: {},
      settings: { [name]: name },
    };
    const { averages: _, raw: __, ...hostile } = bare;
    await writeFile(
      join(folder, 'hostile.html'),
      reportPage({ ...data, runs: [hostile, { ...run!, name: 'b' }] }),
    );
    const { page, complaints, close } = await open(390, 'light', 'hostile.html');
    expect(await page.locator('#runs tbody th').first().innerText()).toContain('<img src=x');
    expect(complaints).toEqual([]);
    expect(await page.locator('#run .missing').count()).toBe(1);
    expect(await evaluated(page, 'document.documentElement.scrollWidth')).toBe(390);
    await close();
  });
});
