import { evaluationBatches, loadDataset, prefetchBatches, type Records } from 'cifar10-prune/cifar10-loader';
import { asciiPicture } from './ascii-picture.ts';

const dataDir = process.argv[2];
const { train, test, classNames } = await loadDataset({
  name: dataDir === undefined ? 'synthetic' : 'cifar10',
  dataDir,
  onProgress: (bytes, total) =>
    process.stderr.write(`\rdownloading: ${bytes} of ${total ?? 'unknown'} bytes`),
});
console.log(`${train.count} training and ${test.count} test pictures: ${classNames.join(', ')}`);

// A record is a label and 3,072 bytes; rgb() has them the way canvases and PNG writers want them.
for (let i = 0; i < 3; i++) {
  console.log(`\ntest picture ${i} is of class ${test.label(i)}, ${classNames[test.label(i)]}:`);
  console.log(asciiPicture(test.rgb(i)));
}

// Training batches are cropped, flipped, brightened and standardized on a thread of their own. The batch of a step depends on
// seed and step only, so this run could have been stopped before step 100 and started again there.
const queue = prefetchBatches(train, { batchSize: 128, seed: 1, firstStep: 100 });
let batch = await queue.next();
for (; batch.step < 103; batch = await queue.next(batch)) {
  const { step, images, labels } = batch;
  const firstOnes = Array.from(labels.subarray(0, 4), (label) => classNames[label]);
  console.log(
    `step ${step}: ${images.length} values of ${labels.length} images: ${firstOnes.join(', ')}, ...`,
  );
}
await queue.close();

// Evaluation sees each picture once: its centre, standardized.
console.log(
  `nearest mean picture: ${(100 * accuracyOfNearestMean(train, test)).toFixed(1)}% of the test pictures right`,
);

/** The simplest classifier there is: which class has the mean picture that is nearest? */
function accuracyOfNearestMean(known: Records, asked: Records): number {
  const sums = classNames.map(() => new Float64Array(24 * 24 * 3));
  const counts = classNames.map(() => 0);
  for (const [label, image] of standardizedImages(known)) {
    counts[label]!++;
    for (const [i, value] of image.entries()) sums[label]![i]! += value;
  }
  const means = sums.map((sum, label) => sum.map((value) => value / counts[label]!));

  let right = 0;
  for (const [label, image] of standardizedImages(asked)) {
    const distances = means.map((mean) => mean.reduce((sum, value, i) => sum + (value - image[i]!) ** 2, 0));
    if (distances.indexOf(Math.min(...distances)) === label) right++;
  }
  return right / asked.count;
}

function* standardizedImages(records: Records): Generator<[label: number, image: Float32Array]> {
  for (const { images, labels } of evaluationBatches(records, 100)) {
    const size = images.length / labels.length;
    for (const [i, label] of labels.entries()) yield [label, images.subarray(i * size, (i + 1) * size)];
  }
}
