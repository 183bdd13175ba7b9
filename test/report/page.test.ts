import { describe, expect, it } from 'vitest';
import { reportPage, reportPictures } from '../../src/report/page.ts';
import type { ReportData } from '../../src/report/report-data.ts';
import { sampleReport } from './sample.ts';

const HOSTILE = '</script><script>alert(1)</script><!--\u2028"&\'\u001b';
const embedded = (html: string) =>
  /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!;

function named(data: ReportData, name: string): ReportData {
  return { ...data, runs: data.runs.map((run, index) => ({ ...run, name: `${name}${index}` })) };
}

describe('the page', () => {
  it('holds the report as JSON, whatever its texts hold', () => {
    const data = named(sampleReport({ seeds: 1 }), HOSTILE);
    const json = embedded(reportPage(data));
    expect(JSON.parse(json)).toEqual(data);
    expect(json).not.toMatch(/[<>&\u2028]/);
  });

  it('has nothing but its own two scripts', () => {
    const html = reportPage(named(sampleReport({ seeds: 1 }), HOSTILE));
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script/g)).toHaveLength(2);
  });

  it('loads nothing, and forbids it', () => {
    const html = reportPage(sampleReport({ seeds: 1 }));
    expect(html).not.toMatch(/\b(src|href)\s*=\s*["']?(https?:)?\/\//i);
    expect(html).not.toMatch(/@import|url\(["']?https?:|\bfetch\(|XMLHttpRequest|WebSocket/);
    expect(html).toContain(`content="default-src 'none'; img-src data:;`);
  });

  it('keeps the licenses of what it holds', () => {
    const html = reportPage(sampleReport({ seeds: 1 }));
    expect(html).toContain('The Apache Software Foundation');
    expect(html).toContain('Copyright (c) 2017, Baidu Inc.');
  });

  it('grows with 100 runs by what they hold, and stays below 8 MB', () => {
    const sparsities = Array.from({ length: 20 }, (_, index) => index / 20);
    const data = sampleReport({ sparsities, seeds: 5 });
    expect(data.runs).toHaveLength(100);
    expect(reportPage(data).length).toBeLessThan(8e6);
  });
});

/** A tag, or what is quoted as text, as XML has it. */
const WELL_FORMED_TAG = /<\/?[\w:-]+(\s+[\w:-]+="[^"<]*")*\s*\/?>|<!\[CDATA\[.*?\]\]>/gs;

describe('the pictures', () => {
  const data = sampleReport({ sparsities: [0.5, 0.9], seeds: 2 });

  it('are the plots of the overview, and two of each run', () => {
    const names = [...reportPictures(data).keys()];
    expect(names.slice(0, 7)).toEqual([
      'accuracy-by-sparsity.svg',
      'accuracy-by-bytes.svg',
      'accuracy-by-ms-batch-1-threads-1.svg',
      'accuracy-by-ms-batch-128-threads-1.svg',
      'sparsity.svg',
      'loss.svg',
      'precision.svg',
    ]);
    expect(names).toHaveLength(7 + 2 * data.runs.length);
    for (const svg of reportPictures(data).values()) {
      expect(svg).toMatch(/^<svg .*<\/svg>$/s);
      expect(svg.replaceAll(WELL_FORMED_TAG, '')).not.toMatch(/[<>]/);
    }
  });

  it('have different names without anything that a folder would be, and escaped texts', () => {
    const runs = data.runs.map((run, index) => ({
      ...run,
      name: ['../a/b', '../a:b', '../A/b', '<b>&'][index]!,
      settings: { ...run.settings, note: `<i>&${index % 2}` },
    }));
    const pictures = reportPictures({ ...data, runs });
    const names = [...pictures.keys()].filter((name) => name.startsWith('layers-'));
    expect(names).toEqual([
      'layers-..-a-b.svg',
      'layers-..-a-b-2.svg',
      'layers-..-A-b-3.svg',
      'layers--b-.svg',
    ]);
    expect(pictures.get('accuracy-by-sparsity.svg')).toContain('&lt;i&gt;&amp;0');
    expect(pictures.get('accuracy-by-sparsity.svg')).not.toContain('<i>');
  });

  it('leave out what is not known', () => {
    const runs = data.runs.map(({ averages: _, raw: __, ...run }) => ({ ...run, curves: {}, layers: [] }));
    expect(reportPictures({ ...data, runs }).size).toBe(0);
  });
});
