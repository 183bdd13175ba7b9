/**
 * Sparse softmax cross-entropy of a block of images, with its gradient.
 *
 * @param logits class k of image i at logits + k * row + 4 * i, float32
 * @param labels bytes, one an image
 * @param gradient laid out as logits: (softmax - one-hot) * scale; zero from column `images` to `columns`
 * @param scale float32, 1 / batch size
 * @param loss float64, receives the sum of the images' cross-entropies
 * @param hits u32, receives how many images' first largest logit is the label
 */
export function softmaxCrossEntropy(
  logits: usize,
  labels: usize,
  images: usize,
  columns: usize,
  classes: usize,
  row: usize,
  gradient: usize,
  scale: usize,
  loss: usize,
  hits: usize,
): void {
  const factor = load<f32>(scale);
  let losses: f64 = 0;
  let correct: u32 = 0;
  const end = classes * row;
  for (let image: usize = 0; image < images; image++) {
    const z = logits + 4 * image;
    const d = gradient + 4 * image;
    const label = load<u8>(labels + image) * row;
    let largest = load<f32>(z);
    let winner: usize = 0;
    for (let k: usize = 0; k < end; k += row) {
      const value = load<f32>(z + k);
      if (value > largest) {
        largest = value;
        winner = k;
      }
    }
    let sum: f32 = 0;
    for (let k: usize = 0; k < end; k += row) {
      const e = Mathf.exp(load<f32>(z + k) - largest);
      store<f32>(d + k, e);
      sum += e;
    }
    for (let k: usize = 0; k < end; k += row) {
      const probability = load<f32>(d + k) / sum;
      store<f32>(d + k, (k === label ? probability - 1 : probability) * factor);
    }
    losses += Mathf.log(sum) - (load<f32>(z + label) - largest);
    if (winner === label && largest <= Infinity) correct++;
  }
  for (let image = images; image < columns; image++) {
    for (let k: usize = 0; k < end; k += row) store<f32>(gradient + 4 * image + k, 0);
  }
  store<f64>(loss, losses);
  store<u32>(hits, correct);
}

/** Softmax of each of `rows` rows of `columns` float32 values, `stride` bytes apart, in place. */
export function softmax(values: usize, rows: usize, columns: usize, stride: usize): void {
  for (let row: usize = 0; row < rows; row++, values += stride) {
    const end = values + 4 * columns;
    let largest = load<f32>(values);
    for (let at = values; at < end; at += 4) largest = max(largest, load<f32>(at));
    let sum: f32 = 0;
    for (let at = values; at < end; at += 4) {
      const e = Mathf.exp(load<f32>(at) - largest);
      store<f32>(at, e);
      sum += e;
    }
    for (let at = values; at < end; at += 4) store<f32>(at, load<f32>(at) / sum);
  }
}
