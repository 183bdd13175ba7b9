import { expect, test } from 'vitest';
import { reportCsv } from '../../src/report/csv.ts';
import type { ReportedRun } from '../../src/report/report-data.ts';

const run = (given: Partial<ReportedRun> & Pick<ReportedRun, 'name' | 'settings'>): ReportedRun => ({
  folder: given.name,
  step: 10,
  sparsity: 0,
  models: [],
  timings: [],
  curves: {},
  layers: [],
  mistakes: [],
  ...given,
});

test('a row a run, settings that differ only, empty where nothing is known, quoted where need be', () => {
  const runs = [
    run({
      name: 'a "quoted", run',
      settings: { seed: '1', target_sparsity: '0.9', weight_sparsity_map: '[conv1:0.5,local.*:0.9]' },
      sparsity: 0.875,
      averages: { accuracy: 0.86 },
      raw: { accuracy: 0.85 },
      models: [
        { format: 'pb', weightFormat: 'dense', bytes: 4000, gzippedBytes: 3000 },
        { format: 'pb', weightFormat: 'sparse,int8', bytes: 500, gzippedBytes: 400 },
      ],
      timings: [
        { batchSize: 1, threads: 1, millisecondsAnImage: 0.5 },
        { batchSize: 128, threads: 2, millisecondsAnImage: 0.125 },
      ],
      trainingSeconds: 61.5,
    }),
    run({
      name: 'b',
      settings: { seed: '1', target_sparsity: '0.5', weight_sparsity_map: '[]' },
      models: [{ format: 'pb', weightFormat: 'dense', bytes: 4001, gzippedBytes: 3000 }],
    }),
  ];
  expect(reportCsv({ runs })).toBe(
    'name,target_sparsity,weight_sparsity_map,sparsity,accuracy,accuracy_raw,bytes_pb_dense,bytes_pb_sparse_int8,' +
      'ms_an_image_of_1_on_1_thread,ms_an_image_of_128_on_2_threads,training_seconds\r\n' +
      '"a ""quoted"", run",0.9,"[conv1:0.5,local.*:0.9]",0.875,0.86,0.85,4000,500,0.5,0.125,61.5\r\n' +
      'b,0.5,[],0,,,4001,,,,\r\n',
  );
});

test('a setting that a run lacks differs; one run alone has no setting that does', () => {
  const one = run({ name: 'a', settings: { seed: '1' } });
  expect(reportCsv({ runs: [one] })).toBe(
    'name,sparsity,accuracy,accuracy_raw,training_seconds\r\na,0,,,\r\n',
  );
  const other = run({ name: 'b', settings: {} });
  expect(reportCsv({ runs: [one, other] }).split('\r\n')[0]).toMatch(/^name,seed,sparsity,/);
});
